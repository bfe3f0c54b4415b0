package dev.dromedar.camel;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.apache.camel.processor.MulticastProcessor;
import org.apache.camel.processor.Pipeline;
import org.apache.camel.processor.RecipientList;
import org.apache.camel.processor.aggregate.UseOriginalAggregationStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.jspecify.annotations.Nullable;

/**
 * An aggregation strategy whose errors are exceptions to Camel. A split, multicast or recipient list in parallel calls its
 * strategy on a thread of the pool, where Camel catches exceptions alone: after an {@link Error}, or after any failure of
 * {@code onCompletion}, the exchange would have no end. Thread-safe if the strategy is.
 */
final class GuardedAggregation implements AggregationStrategy {
    private final AggregationStrategy strategy;
    private final Consumer<Error> seen;

    private GuardedAggregation(AggregationStrategy strategy, Consumer<Error> seen) {
        this.strategy = strategy;
        this.seen = seen;
    }

    /** Guards the strategy of a recipient list for good; Camel puts one behind the step that reads its expression. */
    static void guardRecipients(Processor step, Consumer<Error> seen) {
        Processor inner = inner(step);
        if (inner instanceof RecipientList list && isToBeGuarded(list.getAggregationStrategy())) {
            list.setAggregationStrategy(new GuardedAggregation(list.getAggregationStrategy(), seen));
        } else if (inner instanceof Pipeline steps) {
            for (Processor next : steps.next()) {
                if (inner(next) instanceof RecipientList list) {
                    guardRecipients(list, seen);
                }
            }
        }
    }

    /** The split or multicast that a step is, or null. */
    static @Nullable MulticastProcessor multicast(Processor step) {
        return inner(step) instanceof MulticastProcessor multicast && isToBeGuarded(multicast.getAggregationStrategy())
                ? multicast
                : null;
    }

    private static Processor inner(Processor step) {
        Processor inner = step;
        while (inner instanceof DelegateAsyncProcessor outer) {
            inner = outer.getProcessor();
        }
        return inner;
    }

    /** Guards the strategy of a split or multicast, which is final, for one exchange. */
    static void guard(MulticastProcessor multicast, Exchange exchange, Consumer<Error> seen) {
        Map<?, ?> before = exchange.getProperty(ExchangePropertyKey.AGGREGATION_STRATEGY, Map.class);
        Map<Object, Object> strategies = before == null ? new HashMap<>() : new HashMap<>(before);
        strategies.put(multicast, new GuardedAggregation(multicast.getAggregationStrategy(), seen));
        exchange.setProperty(ExchangePropertyKey.AGGREGATION_STRATEGY, strategies);
    }

    /** Camel knows the one that keeps the original by its class, and exchanges it for one of the exchange. */
    private static boolean isToBeGuarded(@Nullable AggregationStrategy strategy) {
        return strategy != null
                && !(strategy instanceof UseOriginalAggregationStrategy)
                && !(strategy instanceof GuardedAggregation);
    }

    private RuntimeException failure(@Nullable Exchange exchange, Error error) {
        seen.accept(error);
        return CamelExecutionException.wrapCamelExecutionException(exchange, error);
    }

    @Override
    public Exchange aggregate(@Nullable Exchange before, @Nullable Exchange next) {
        try {
            return strategy.aggregate(before, next);
        } catch (Error error) {
            throw failure(next == null ? before : next, error);
        }
    }

    @Override
    public Exchange aggregate(@Nullable Exchange before, @Nullable Exchange next, Exchange input) {
        try {
            return strategy.aggregate(before, next, input);
        } catch (Error error) {
            throw failure(input, error);
        }
    }

    @Override
    public boolean canPreComplete() {
        return strategy.canPreComplete();
    }

    @Override
    public boolean preComplete(@Nullable Exchange before, Exchange next) {
        return strategy.preComplete(before, next);
    }

    @Override
    public void onCompletion(@Nullable Exchange exchange) {
        if (exchange != null) {
            strategy.onCompletion(exchange);
        }
    }

    @Override
    public void onCompletion(@Nullable Exchange result, Exchange input) {
        try {
            strategy.onCompletion(result, input);
        } catch (RuntimeException e) {
            (result == null ? input : result).setException(e);
        } catch (Error error) {
            (result == null ? input : result).setException(failure(input, error));
        }
    }

    @Override
    public void timeout(@Nullable Exchange before, int index, int total, long timeout) {
        try {
            strategy.timeout(before, index, total, timeout);
        } catch (Error error) {
            throw failure(before, error);
        }
    }

    @Override
    public void onOptimisticLockFailure(@Nullable Exchange before, Exchange next) {
        strategy.onOptimisticLockFailure(before, next);
    }
}
