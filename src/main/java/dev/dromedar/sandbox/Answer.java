package dev.dromedar.sandbox;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One HTTP answer and the manner in which it goes out.
 *
 * @param body sent as UTF-8, with its true Content-Length
 * @param delay real time to wait before the first byte
 * @param pace real time between two bytes, for {@link Delivery#DRIP}
 */
public record Answer(int status, List<Header> headers, String body, Delivery delivery, Duration delay, Duration pace) {
    /** How the bytes leave. */
    public enum Delivery {
        WHOLE,
        DRIP,
        /** Head and half of the body, then a TCP reset. */
        RESET_MID_BODY,
        /** The connection is closed without a byte. */
        CLOSE,
        /** Nothing is sent until the caller gives up. */
        NEVER
    }

    public Answer {
        headers = List.copyOf(headers);
    }

    public static Answer of(int status, List<Header> headers, String body) {
        return new Answer(status, headers, body, Delivery.WHOLE, Duration.ZERO, Duration.ZERO);
    }

    public static Answer of(int status, String contentType, String body) {
        return of(status, List.of(new Header("Content-Type", contentType)), body);
    }

    static Answer json(int status, Object body) {
        return of(status, "application/json; charset=utf-8", Json.write(body));
    }

    Answer with(String name, String value) {
        var all = new ArrayList<>(headers);
        all.removeIf(header -> header.name().equalsIgnoreCase(name));
        all.add(new Header(name, value));
        return new Answer(status, all, body, delivery, delay, pace);
    }

    Answer withBody(String other) {
        return new Answer(status, headers, other, delivery, delay, pace);
    }

    Answer delivered(Delivery how, Duration between) {
        return new Answer(status, headers, body, how, delay, between);
    }

    Answer after(Duration wait) {
        return new Answer(status, headers, body, delivery, delay.plus(wait), pace);
    }
}
