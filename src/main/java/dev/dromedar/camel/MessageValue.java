package dev.dromedar.camel;

import dev.dromedar.settings.SecretRefused;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.jspecify.annotations.Nullable;

/** The value of a parameter of {@code api:}, an expression of the Simple language that the route has written. Thread-safe. */
final class MessageValue {
    private final String name;
    private final Expression expression;

    private MessageValue(String name, Expression expression) {
        this.name = name;
        this.expression = expression;
    }

    /** @throws IllegalArgumentException if the text is no expression; says so with the parameter's name */
    static MessageValue of(CamelContext context, String name, Object written) {
        try {
            Expression expression = context.resolveLanguage("simple").createExpression(written.toString());
            expression.init(context);
            return new MessageValue(name, expression);
        } catch (RuntimeException e) {
            if (SecretRefused.in(e) != null) {
                throw e;
            }
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            // Without its cause, whose words Camel would show alone
            throw new IllegalArgumentException(name + ": the expression cannot be read: " + root.getMessage());
        }
    }

    /** One text, or null if the message has none. */
    @Nullable
    String text(Exchange exchange) {
        return text(exchange, expression.evaluate(exchange, Object.class));
    }

    /** The texts of a list, an array or a single value; none if the message has none. */
    List<String> texts(Exchange exchange) {
        Object value = expression.evaluate(exchange, Object.class);
        Collection<?> many = value instanceof Collection<?> all
                ? all
                : value instanceof Object[] array ? List.of(array) : value == null ? List.of() : List.of(value);
        List<String> texts = new ArrayList<>();
        for (Object one : many) {
            String text = text(exchange, one);
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }

    private @Nullable String text(Exchange exchange, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        String text = exchange.getContext().getTypeConverter().tryConvertTo(String.class, exchange, value);
        if (text == null) {
            throw new RefusedCall("A call was refused: the value of " + name
                    + " is no text. Nothing was sent. Correct the" + " expression.");
        }
        return text;
    }
}
