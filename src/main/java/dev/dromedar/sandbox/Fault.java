package dev.dromedar.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * One way in which a server goes wrong, to be given to {@link Origin#fault(Fault)}. A fault may answer in the place of the
 * server or change what the server has answered.
 */
@FunctionalInterface
public interface Fault {
    Answer answer(Request request, Server server);

    /** What a request would have come to without the fault. */
    @FunctionalInterface
    interface Server {
        Answer answer(Request request);
    }

    /** Whether this fault is about this request at all. A fault for the next n requests counts only those. */
    default boolean concerns(Request request) {
        return true;
    }

    /** This fault for paths that begin with the prefix only. */
    default Fault at(String pathPrefix) {
        Fault all = this;
        return new Fault() {
            @Override
            public Answer answer(Request request, Server server) {
                return all.answer(request, server);
            }

            @Override
            public boolean concerns(Request request) {
                return request.path().startsWith(pathPrefix) && all.concerns(request);
            }
        };
    }

    /** Any answer in the place of the server's. */
    static Fault instead(Answer answer) {
        return (request, server) -> answer;
    }

    static Fault status(int status) {
        return instead(Answer.of(status, "text/plain", "the sandbox is set to answer " + status));
    }

    /** 429 or 503 with {@code Retry-After} in seconds or as a date (RFC 9110 section 10.2.3). */
    static Fault retryAfter(int status, String value) {
        return instead(Answer.of(status, List.of(new Header("Retry-After", value)), ""));
    }

    /** An OAuth error of the token endpoint (RFC 6749 section 5.2). */
    static Fault error(int status, String code) {
        return instead(Answer.json(status, Json.object().put("error", code)));
    }

    /** As {@link #error}, of the token endpoint alone. */
    static Fault tokenError(int status, String code) {
        return error(status, code).at(Paths.TOKEN);
    }

    static Fault redirect(int status, String location) {
        return instead(Answer.of(status, List.of(new Header("Location", location)), ""));
    }

    static Fault htmlBody() {
        return instead(Answer.of(200, "text/html", "<!doctype html><title>Sorry</title><p>Maintenance until noon</p>"));
    }

    static Fault notJson() {
        return (request, server) -> server.answer(request).withBody("this is no JSON");
    }

    /** A JSON object of this many bytes and more. */
    static Fault hugeBody(int bytes) {
        return (request, server) -> server.answer(request).withBody("{\"x\":\"" + "x".repeat(bytes) + "\"}");
    }

    /** The first half of the body, with a Content-Length that fits it. */
    static Fault truncatedBody() {
        return (request, server) -> {
            Answer answer = server.answer(request);
            return answer.withBody(answer.body().substring(0, answer.body().length() / 2));
        };
    }

    static Fault contentType(String type) {
        return (request, server) -> server.answer(request).with("Content-Type", type);
    }

    /** Head and half of the body, then a TCP reset. */
    static Fault resetMidBody() {
        return (request, server) -> server.answer(request).delivered(Answer.Delivery.RESET_MID_BODY, Duration.ZERO);
    }

    /** The connection is closed without an answer, as by a server that has just dropped an idle connection. */
    static Fault closeUnanswered() {
        return (request, server) -> Answer.of(503, List.of(), "").delivered(Answer.Delivery.CLOSE, Duration.ZERO);
    }

    /** Takes the request and never answers. */
    static Fault blackHole() {
        return (request, server) -> Answer.of(503, List.of(), "").delivered(Answer.Delivery.NEVER, Duration.ZERO);
    }

    /** One byte at a time. */
    static Fault drip(Duration pace) {
        return (request, server) -> server.answer(request).delivered(Answer.Delivery.DRIP, pace);
    }

    static Fault delay(Duration wait) {
        return (request, server) -> server.answer(request).after(wait);
    }

    /** Changes the JSON object of a successful answer; other answers go out as they are. */
    static Fault json(Consumer<ObjectNode> change) {
        return (request, server) -> {
            Answer answer = server.answer(request);
            ObjectNode body = answer.status() == 200 ? Json.readObject(answer.body()) : null;
            if (body == null) {
                return answer;
            }
            change.accept(body);
            return answer.withBody(Json.write(body));
        };
    }

    /** Sets one member of the JSON: {@code expires_in} to "3600", {@code token_type} to "Bearer", and the like. */
    static Fault member(String name, Object value) {
        return json(
                body -> body.set(name, Json.tree(java.util.Map.of("v", value)).get("v")));
    }

    static Fault withoutMember(String name) {
        return json(body -> body.remove(name));
    }

    /** A fault for token answers only. The value may be a number, a negative one, a string, anything. */
    static Fault expiresIn(Object value) {
        return member("expires_in", value).at(Paths.TOKEN);
    }

    static Fault withoutExpiresIn() {
        return withoutMember("expires_in").at(Paths.TOKEN);
    }

    static Fault tokenType(String type) {
        return member("token_type", type).at(Paths.TOKEN);
    }

    /** A success that says that some of the scope was not given (HelseID). */
    static Fault rejectedScope(String scope) {
        return member("rejected_scope", scope).at(Paths.TOKEN);
    }

    static Fault wrongIssuer() {
        return member("issuer", "https://authority.invalid").at("/.well-known/o");
    }

    /** A token endpoint that is not https and not on this machine. */
    static Fault httpTokenEndpoint() {
        return member("token_endpoint", "http://authority.invalid/connect/token")
                .at("/.well-known/o");
    }

    static Fault withoutTokenEndpoint() {
        return withoutMember("token_endpoint").at("/.well-known/o");
    }

    /** Discovery at the path of RFC 8414 only. */
    static Fault onlyOauthDiscovery() {
        return status(404).at(Paths.OPENID_DISCOVERY);
    }

    /** Discovery at the path of OpenID Connect only. */
    static Fault onlyOpenIdDiscovery() {
        return status(404).at(Paths.OAUTH_DISCOVERY);
    }

    /** Any change to the server's answer. */
    static Fault change(UnaryOperator<Answer> change) {
        return (request, server) -> change.apply(server.answer(request));
    }
}
