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
            String host = Folder.value(context, server + ".host", "127.0.0.1");
            String port = Folder.value(context, server + ".port", "");
            boolean wanted = Folder.isTrue(context, server + ".enabled");
            if (wanted && port.matches("[1-9]\\d{0,4}") && isTaken(host, Integer.parseInt(port))) {
                faults.add(server + ".port: port " + port + " on " + host
                        + " is in use, perhaps by another worker. Stop that process, or set another port.");
            }
        }
        if (Folder.isTrue(context, "camel.server.enabled")
                && Folder.isTrue(context, "camel.management.enabled")
                && Folder.value(context, "camel.server.port", "8080")
                        .equals(Folder.value(context, "camel.management.port", "9876"))) {
            faults.add(
                    "camel.management.port: is the port of camel.server too, which others may reach. Give it its own.");
        }
        if (System.getProperty("com.sun.management.jmxremote.port") != null
                && System.getProperty("com.sun.management.jmxremote.authenticate", "true")
                        .equalsIgnoreCase("false")) {
            faults.add(
                    "com.sun.management.jmxremote.authenticate: false lets everyone who reaches the JMX port run code in the"
                            + " worker. Leave com.sun.management.jmxremote.port out, since jconsole and jcmd find the worker by"
                            + " its process on this machine; or set up authentication.");
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
