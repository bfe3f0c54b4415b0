package dev.dromedar.cli;

import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Expression;
import org.apache.camel.Predicate;
import org.apache.camel.spi.Language;

/** The simple language of a test that gives the time: {@code ${date:now}} is that time. */
final class TestedSimple implements Language {
    /** Exchange property: the time, which the exchange's copies have too. */
    static final String TIME = "DromedarTestTime";

    private final Language simple;

    private TestedSimple(Language simple) {
        this.simple = simple;
    }

    /** To be called before routes are made. */
    static void install(CamelContext context) {
        for (String name : List.of("simple", "file")) {
            Language simple = context.resolveLanguage(name);
            context.getRegistry().bind(name, new TestedSimple(simple));
        }
    }

    private static String given(String expression) {
        return expression.replaceAll("\\$(simple)?\\{\\s*(date(-with-timezone)?:)now\\b", "\\${$2exchangeProperty." + TIME);
    }

    @Override
    public Predicate createPredicate(String expression) {
        return simple.createPredicate(given(expression));
    }

    @Override
    public Expression createExpression(String expression) {
        return simple.createExpression(given(expression));
    }
}
