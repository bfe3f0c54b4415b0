package dev.dromedar.ops;

import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.ApiSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanException;
import javax.management.MBeanInfo;
import javax.management.MBeanNotificationInfo;
import javax.management.MBeanOperationInfo;
import javax.management.Notification;
import javax.management.NotificationBroadcasterSupport;
import javax.management.ReflectionException;
import org.jspecify.annotations.Nullable;

/**
 * One API in JMX: the values of its {@link ApiSnapshot} as attributes, commands as operations, and a notification when its
 * credentials go bad or good. Thread-safe.
 */
final class ApiBean extends NotificationBroadcasterSupport implements DynamicMBean {
    static final String BAD = "dromedar.credentials.bad";
    static final String GOOD = "dromedar.credentials.good";

    private final Supplier<@Nullable ApiClient> api;
    private final Supplier<String> check;
    private final AuditedActs acts;
    private final AtomicLong sequence = new AtomicLong();

    /**
     * @param api the client as it is now: an edit of the settings makes a new one
     * @param check looks at everything of this API, in lines of text
     * @param acts records what is done
     */
    ApiBean(Supplier<@Nullable ApiClient> api, Supplier<String> check, AuditedActs acts) {
        super(new MBeanNotificationInfo(
                new String[] {BAD, GOOD}, Notification.class.getName(), "The credentials went bad, or good again"));
        this.api = api;
        this.check = check;
        this.acts = acts;
    }

    void turned(ApiSnapshot now) {
        var notification = new Notification(
                now.state().isGood() ? GOOD : BAD,
                this,
                sequence.incrementAndGet(),
                now.name() + ": " + now.state().words() + ". " + now.sentence());
        sendNotification(notification);
    }

    @Override
    public @Nullable Object getAttribute(String attribute) throws AttributeNotFoundException {
        for (var value : values().entrySet()) {
            if (capital(value.getKey()).equals(attribute)) {
                return shown(value.getValue());
            }
        }
        throw new AttributeNotFoundException(attribute);
    }

    @Override
    public AttributeList getAttributes(String[] attributes) {
        var wanted = List.of(attributes);
        var list = new AttributeList();
        values().forEach((name, value) -> {
            if (wanted.contains(capital(name))) {
                list.add(new Attribute(capital(name), shown(value)));
            }
        });
        return list;
    }

    @Override
    public void setAttribute(Attribute attribute) throws AttributeNotFoundException {
        throw new AttributeNotFoundException(attribute.getName() + " cannot be set");
    }

    @Override
    public AttributeList setAttributes(AttributeList attributes) {
        return new AttributeList();
    }

    @Override
    public Object invoke(String action, Object @Nullable [] parameters, String @Nullable [] signature)
            throws ReflectionException {
        ApiClient client = api.get();
        if (client == null) {
            return "This API is no longer configured.";
        }
        try {
            return acts.recorded(action, parameters, () -> act(client, action));
        } catch (MBeanException e) {
            return String.valueOf(e.getTargetException().getMessage());
        }
    }

    private String act(ApiClient client, String action) throws ReflectionException {
        switch (action) {
            case "renew" -> {
                client.renew();
                return "A new token is being requested.";
            }
            case "forget" -> {
                client.forget();
                return "The token is discarded. The next call requests a new one.";
            }
            case "check" -> {
                return check.get();
            }
            default -> throw new ReflectionException(new NoSuchMethodException(action));
        }
    }

    @Override
    public MBeanInfo getMBeanInfo() {
        List<MBeanAttributeInfo> attributes = new ArrayList<>();
        values().forEach((name, value) -> attributes.add(new MBeanAttributeInfo(
                capital(name),
                type(name, value),
                capital(name) + ", as in the console and the status page",
                true,
                false,
                false)));
        return new MBeanInfo(
                ApiBean.class.getName(),
                "One API of Dromedar. Holds nothing secret.",
                attributes.toArray(MBeanAttributeInfo[]::new),
                null,
                new MBeanOperationInfo[] {
                    operation("renew", "Asks the authority for a new token now; the old one is served until it comes"),
                    operation("forget", "Discards the token and any back-off; the next call requests a new token"),
                    operation("check", "Looks at the API's whole set-up and says what is wrong")
                },
                getNotificationInfo());
    }

    private static MBeanOperationInfo operation(String name, String description) {
        return new MBeanOperationInfo(name, description, null, String.class.getName(), MBeanOperationInfo.ACTION);
    }

    private Map<String, @Nullable Object> values() {
        ApiClient client = api.get();
        return client == null ? Map.of() : Status.of(client);
    }

    /** What every JMX client can show: a map becomes {@code kind=1, kind=2}, a list lines. */
    private static @Nullable Object shown(@Nullable Object value) {
        return value instanceof Map<?, ?> map
                ? map.entrySet().stream().map(String::valueOf).collect(Collectors.joining(", "))
                : value instanceof List<?> list
                        ? list.stream().map(String::valueOf).collect(Collectors.joining("\n"))
                        : value;
    }

    /** By the name, since a value that is not there yet has no type of its own. */
    private static String type(String name, @Nullable Object value) {
        boolean number = value instanceof Long
                || name.endsWith("Seconds")
                || name.endsWith("Millis")
                || name.endsWith("DaysLeft");
        return (value instanceof Boolean ? Boolean.class : number ? Long.class : String.class).getName();
    }

    private static String capital(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }
}
