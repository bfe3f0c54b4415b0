package dev.dromedar.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class TogetherTest {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch goesOn = new CountDownLatch(1);

    /** The first call waits, so that those after it are done together. */
    private Together<String, String> together(Function<List<String>, List<String>> work) {
        return new Together<>(values -> {
            if (values.contains("first")) {
                begun.countDown();
                await(goesOn);
            }
            return work.apply(values);
        });
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private List<CompletableFuture<String>> calls(Together<String, String> together) {
        var first =
                CompletableFuture.supplyAsync(() -> together.call("first"), runnable -> new Thread(runnable).start());
        await(begun);
        var threads = List.of("a", "b", "c").stream()
                .map(value -> {
                    var call = new CompletableFuture<String>();
                    var thread = new Thread(() -> {
                        try {
                            call.complete(together.call(value));
                        } catch (Throwable e) {
                            call.completeExceptionally(e);
                        }
                    });
                    thread.start();
                    while (thread.getState() != Thread.State.WAITING) {
                        Thread.onSpinWait();
                    }
                    return call;
                })
                .toList();
        goesOn.countDown();
        first.join();
        return threads;
    }

    @Test
    void doesForAllAtOnceWhatCameMeanwhile() {
        var sizes = new java.util.concurrent.CopyOnWriteArrayList<Integer>();
        List<CompletableFuture<String>> calls = calls(together(values -> {
            sizes.add(values.size());
            return values.stream().map(value -> value + "!").toList();
        }));

        assertThat(calls).extracting(CompletableFuture::join).containsExactly("a!", "b!", "c!");
        assertThat(sizes).containsExactly(1, 3);
    }

    @Test
    void anExceptionGoesToAllOfThem() {
        List<CompletableFuture<String>> calls = calls(together(values -> {
            if (values.contains("b")) {
                throw new IllegalStateException("the database is away");
            }
            return values;
        }));

        for (CompletableFuture<String> call : calls) {
            assertThatThrownBy(call::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void anErrorIsOfTheThreadThatDidTheWork() {
        List<CompletableFuture<String>> calls = calls(together(values -> {
            if (values.contains("a")) {
                throw new StackOverflowError();
            }
            return values;
        }));

        assertThatThrownBy(calls.get(0)::get).hasCauseInstanceOf(StackOverflowError.class);
        assertThat(calls.get(1).join()).isEqualTo("b");
        assertThat(calls.get(2).join()).isEqualTo("c");
    }
}
