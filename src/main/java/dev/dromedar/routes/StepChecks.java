package dev.dromedar.routes;

import dev.dromedar.camel.StepAddress;
import dev.dromedar.settings.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import org.apache.camel.LineNumberAware;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.CatchDefinition;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.DataFormatDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.FilterDefinition;
import org.apache.camel.model.LogDefinition;
import org.apache.camel.model.MarshalDefinition;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ThrowExceptionDefinition;
import org.apache.camel.model.UnmarshalDefinition;
import org.apache.camel.model.ValidateDefinition;
import org.apache.camel.model.language.ExpressionDefinition;
import org.apache.camel.model.language.SimpleExpression;
import org.apache.camel.reifier.dataformat.DataFormatReifier;
import org.jspecify.annotations.Nullable;

/** What a single step needs: APIs, beans, classes, languages, data formats. Camel itself stops at the first that is missing. */
final class StepChecks {
    private final CheckContext context;
    private final DefaultCamelContext camel;
    private final Set<String> apis;

    StepChecks(CheckContext context, Set<String> apis) {
        this.context = context;
        this.camel = context.camel();
        this.apis = apis;
    }

    /** The API that a step names, or null. */
    @Nullable
    String api(ProcessorDefinition<?> step) {
        if (step instanceof ProcessDefinition process && process.getRef() != null) {
            String ref = context.resolved(process.getRef());
            return apis.contains(ref) ? ref : null;
        }
        return null;
    }

    /**
     * The faults of one step, and of what it holds that is no step, by the place to report.
     *
     * @param isReported whether an expression's failure at a place is reported elsewhere
     */
    Map<LineNumberAware, List<String>> faults(
            ProcessorDefinition<?> step, BiPredicate<LineNumberAware, Throwable> isReported) {
        Map<LineNumberAware, List<String>> faults = new LinkedHashMap<>();
        add(faults, step, StepAddress.fault(camel, step));
        if (step instanceof ProcessDefinition process && process.getRef() != null) {
            add(faults, step, ofProcessor(context.resolved(process.getRef())));
        } else if (step instanceof BeanDefinition bean) {
            add(faults, step, ofBean(bean));
        } else if (step instanceof MarshalDefinition marshal) {
            add(faults, step, ofDataFormat(marshal.getDataFormatType()));
        } else if (step instanceof UnmarshalDefinition unmarshal) {
            add(faults, step, ofDataFormat(unmarshal.getDataFormatType()));
        } else if (step instanceof LogDefinition log && log.getMessage() != null) {
            add(faults, step, ofExpression(step, new SimpleExpression(log.getMessage()), false, isReported));
        } else if (step instanceof CatchDefinition caught) {
            caught.getExceptions().forEach(name -> add(faults, step, ofClass(name)));
        } else if (step instanceof OnExceptionDefinition handled) {
            handled.getExceptions().forEach(name -> add(faults, step, ofClass(name)));
        } else if (step instanceof ThrowExceptionDefinition thrown && thrown.getExceptionType() != null) {
            add(faults, step, ofClass(thrown.getExceptionType()));
        } else if (step instanceof ExpressionNode node) {
            boolean predicate = node instanceof FilterDefinition || node instanceof ValidateDefinition;
            add(faults, step, ofExpression(step, node.getExpression(), predicate, isReported));
        } else if (step instanceof ChoiceDefinition choice) {
            choice.getWhenClauses()
                    .forEach(when -> add(faults, when, ofExpression(when, when.getExpressionType(), true, isReported)));
        }
        return faults;
    }

    private static void add(Map<LineNumberAware, List<String>> faults, LineNumberAware at, @Nullable String fault) {
        if (fault != null) {
            faults.computeIfAbsent(at, none -> new ArrayList<>()).add(fault);
        }
    }

    private @Nullable String ofProcessor(String ref) {
        if (ref.startsWith("#class:")) {
            return ofClass(ref.substring("#class:".length()).replaceFirst("[(#].*", ""));
        }
        if (apis.contains(ref) || hasBean(ref)) {
            return null;
        }
        String nearest = Nearest.to(ref, apis);
        return "there is no API '" + ref + "'. "
                + (nearest != null
                        ? "Did you mean '" + nearest + "'?"
                        : apis.isEmpty()
                                ? "Define it with properties dromedar.api." + ref + ".*"
                                : "Use one of: " + String.join(", ", apis) + ".");
    }

    private boolean hasBean(String ref) {
        return camel.getRegistry().lookupByName(ref.replaceFirst("^#(bean:)?", "")) != null;
    }

    private @Nullable String ofBean(BeanDefinition bean) {
        if (bean.getBeanType() != null) {
            return ofClass(context.resolved(bean.getBeanType()));
        }
        String ref = bean.getRef() == null ? null : context.resolved(bean.getRef());
        if (ref == null || hasBean(ref)) {
            return null;
        }
        if (ref.startsWith("#class:") || ref.startsWith("#type:")) {
            return ofClass(ref.replaceFirst("^#\\w+:", "").replaceFirst("[(#].*", ""));
        }
        return ref.contains(".") && camel.getClassResolver().resolveClass(ref) != null
                ? null
                : "there is no bean '" + ref + "'. Define it under 'beans', or correct the name.";
    }

    private @Nullable String ofClass(String name) {
        String resolved = context.resolved(name);
        try {
            if (resolved.contains("{{") || camel.getClassResolver().resolveClass(resolved) != null) {
                return null;
            }
        } catch (LinkageError e) {
            return CamelTexts.missingClass(e);
        }
        return "there is no class '" + resolved + "'. Correct the name, or put its jar into lib/.";
    }

    private @Nullable String ofDataFormat(@Nullable DataFormatDefinition format) {
        if (format == null) {
            return null;
        }
        try {
            DataFormatReifier.getDataFormat(camel, format);
            return null;
        } catch (RuntimeException | LinkageError e) {
            return CamelTexts.unbuildable(e);
        }
    }

    private @Nullable String ofExpression(
            LineNumberAware at,
            @Nullable ExpressionDefinition expression,
            boolean predicate,
            BiPredicate<LineNumberAware, Throwable> isReported) {
        if (expression == null) {
            return null;
        }
        try {
            if (predicate) {
                camel.createPredicate(expression);
            } else {
                camel.createExpression(expression);
            }
            return null;
        } catch (RuntimeException | LinkageError e) {
            return String.valueOf(e.getMessage()).contains("{{") || isReported.test(at, e)
                    ? null
                    : "the expression cannot be read: " + CamelTexts.unbuildable(e);
        }
    }
}
