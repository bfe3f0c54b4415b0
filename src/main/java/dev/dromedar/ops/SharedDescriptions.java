package dev.dromedar.ops;

import dev.dromedar.audit.Audit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.management.Attribute;
import javax.management.AttributeNotFoundException;
import javax.management.InvalidAttributeValueException;
import javax.management.JMException;
import javax.management.MBeanException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.ReflectionException;
import javax.management.modelmbean.InvalidTargetObjectTypeException;
import javax.management.modelmbean.ModelMBean;
import javax.management.modelmbean.ModelMBeanInfo;
import javax.management.modelmbean.ModelMBeanInfoSupport;
import javax.management.modelmbean.RequiredModelMBean;
import org.apache.camel.CamelContext;
import org.apache.camel.api.management.ManagedInstance;
import org.apache.camel.api.management.ManagedResource;
import org.apache.camel.api.management.NotificationSenderAware;
import org.apache.camel.support.management.DefaultManagementMBeanAssembler;
import org.apache.camel.support.management.MixinRequiredModelMBean;
import org.apache.camel.support.management.NotificationSenderAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Makes Camel's beans for JMX as Camel itself does, but with one description for all beans of a kind. Camel makes a new one,
 * of a thousand objects, for each bean, and a route has ten beans: that was 200 KiB of heap for each API, most of what one
 * more API cost. Thread-safe.
 */
final class SharedDescriptions extends DefaultManagementMBeanAssembler {
    private final Map<List<Class<?>>, ModelMBeanInfo> descriptions = new ConcurrentHashMap<>();

    SharedDescriptions(CamelContext context) {
        super(context);
    }

    @Override
    public @Nullable ModelMBean assemble(MBeanServer server, Object managed, ObjectName name) throws JMException {
        ModelMBeanInfo standard = description(managed, null, name);
        Object own = managed instanceof ManagedInstance instance ? instance.getInstance() : null;
        boolean describesItself = own != null && own.getClass().isAnnotationPresent(ManagedResource.class);
        ModelMBeanInfo all = describesItself ? description(managed, own, name) : standard;
        if (all == null) {
            return null;
        }
        RequiredModelMBean behind = describesItself && standard != null ? new RequiredModelMBean(standard) : null;
        Object called = describesItself ? own : managed;
        boolean mask = Boolean.TRUE.equals(
                camelContext.getManagementStrategy().getManagementAgent().getMask());
        ModelMBeanInfo mixedIn = behind == null ? null : standard;
        Audit audit = camelContext.getRegistry().findSingleByType(Audit.class);
        var bean = audit == null
                ? new MixinRequiredModelMBean(all, mask, mixedIn, behind)
                : new Audited(
                        all,
                        mask,
                        mixedIn,
                        behind,
                        new AuditedActs(
                                audit,
                                String.valueOf(name.getKeyProperty("type")),
                                String.valueOf(name.getKeyProperty("name"))));
        try {
            if (behind != null) {
                behind.setManagedResource(managed, "ObjectReference");
            }
            bean.setManagedResource(called, "ObjectReference");
        } catch (InvalidTargetObjectTypeException e) {
            throw new JMException(e.getMessage());
        }
        if (called instanceof NotificationSenderAware sender) {
            sender.setNotificationSender(new NotificationSenderAdapter(bean));
        }
        return bean;
    }

    /** What operators do by JMX is recorded before it is done, and again as it ended. */
    private static final class Audited extends MixinRequiredModelMBean {
        private final AuditedActs acts;

        Audited(
                ModelMBeanInfo all,
                boolean mask,
                @Nullable ModelMBeanInfo mixedIn,
                @Nullable RequiredModelMBean behind,
                AuditedActs acts)
                throws JMException {
            super(all, mask, mixedIn, behind);
            this.acts = acts;
        }

        @Override
        public Object invoke(String operation, Object[] parameters, String[] signature)
                throws MBeanException, ReflectionException {
            return acts.recorded(operation, parameters, () -> super.invoke(operation, parameters, signature));
        }

        @Override
        public void setAttribute(Attribute attribute)
                throws AttributeNotFoundException, InvalidAttributeValueException, MBeanException, ReflectionException {
            acts.begin("set " + attribute.getName(), new Object[] {attribute.getValue()});
            super.setAttribute(attribute);
        }
    }

    private @Nullable ModelMBeanInfo description(Object managed, @Nullable Object own, ObjectName name)
            throws JMException {
        List<Class<?>> kind = own == null ? List.of(managed.getClass()) : List.of(managed.getClass(), own.getClass());
        ModelMBeanInfo known = descriptions.get(kind);
        if (known == null) {
            ModelMBeanInfo made = assembler.getMBeanInfo(camelContext, managed, own, name.toString());
            if (made == null) {
                return null;
            }
            known = new Shared(made);
            descriptions.put(kind, known);
        }
        return known;
    }

    /** Each bean and each look at it would have a copy otherwise. Who gets it over the wire gets the JDK's own class. */
    private static final class Shared extends ModelMBeanInfoSupport {
        private static final long serialVersionUID = 1;

        Shared(ModelMBeanInfo description) {
            super(description);
        }

        @Override
        @SuppressWarnings("MissingSuperCall") // there is to be one, not two
        public Object clone() {
            return this;
        }

        private Object writeReplace() {
            return new ModelMBeanInfoSupport(this);
        }
    }
}
