package dev.dromedar.cli;

import dev.dromedar.camel.Apis;
import dev.dromedar.oauth.InvalidSettings;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;

/** The ports that Camel's own servers will take. A taken one would cost the worker its views, with a stack trace for a reason. */
final class Ports {
    private Ports() {}

    /** @throws InvalidSettings if one is taken, with all other faults of the properties */
    static void check(CamelContext context) {
        List<String> faults = new ArrayList<>();
        for (String server : List.of("camel.management", "camel.server")) {
            String host = Folder.value(context, server + ".host", "0.0.0.0");
            String port = Folder.value(context, server + ".port", "");
            boolean wanted = Folder.isTrue(context, server + ".enabled");
            if (wanted && port.matches("[1-9]\\d{0,4}") && isTaken(host, Integer.parseInt(port))) {
                faults.add(server + ".port: port " + port + " on " + host
                        + " is in use, perhaps by another worker. Stop that process, or set another port.");
            }
        }
        if (!faults.isEmpty()) {
            try {
                Apis.plan(context);
            } catch (InvalidSettings more) {
                faults.addAll(more.faults());
            }
            throw new InvalidSettings(faults);
        }
    }

    private static boolean isTaken(String host, int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true); // a worker that has just ended keeps no one out
            socket.bind(new InetSocketAddress(host, port));
            return false;
        } catch (BindException e) {
            return true;
        } catch (IOException | IllegalArgumentException e) {
            return false; // Camel reports what is wrong with it
        }
    }
}
