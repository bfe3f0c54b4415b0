package dev.dromedar.camel;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Expression;
import org.apache.camel.language.simple.SimpleExpressionParser;
import org.apache.camel.language.simple.ast.LiteralNode;
import org.apache.camel.language.simple.ast.SimpleFunctionStart;
import org.apache.camel.language.simple.ast.SimpleNode;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;

/** The parts of an {@link AddressTemplate}, texts and expressions, by Camel's own parser of the Simple language. */
final class SimpleParts extends SimpleExpressionParser {
    /** Functions whose result no message has a part in. */
    private static final Pattern SETTING =
            Pattern.compile("\\G\\$\\{(properties:|env[.:]|sysenv[.:]|sys[.:])[^${}]++}");

    private final CamelContext context;
    private final String text;

    SimpleParts(CamelContext context, String text) {
        super(context, text, true, null);
        this.context = context;
        this.text = text;
    }

    List<Object> read() {
        List<Object> parts = new ArrayList<>();
        StringBuilder written = new StringBuilder();
        for (SimpleNode node : parseTokens()) {
            Expression expression = node.createExpression(context, text);
            String setting = node instanceof LiteralNode literal ? literal.getText() : setting(node, expression);
            if (setting != null) {
                written.append(setting);
            } else if (expression != null) {
                if (!written.isEmpty()) {
                    parts.add(written.toString());
                    written.setLength(0);
                }
                expression.init(context);
                parts.add(expression);
            }
        }
        if (!written.isEmpty()) {
            parts.add(written.toString());
        }
        return List.copyOf(parts);
    }

    private @Nullable String setting(SimpleNode node, @Nullable Expression expression) {
        if (!(node instanceof SimpleFunctionStart) || expression == null) {
            return null;
        }
        Matcher setting = SETTING.matcher(text);
        if (!setting.find(Math.max(0, node.getToken().getIndex()))) {
            return null;
        }
        expression.init(context);
        String value = expression.evaluate(new DefaultExchange(context), String.class);
        return value == null ? "" : value;
    }
}
