// Copyright (c) 2026 The evento.docker maintainers
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
package demo;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

/**
 * Stands in for an Evento bundle: logs the lines of a real one and then stays until it is told to stop, or, by a file
 * /tmp/told-to-exit, to end with exit code 0.
 *
 * <p>The environment variable DEMO_BEHAVIOUR chooses: normal (default), crash (fails at once), crash-late (fails
 * DEMO_DELAY seconds after it has started), exit (ends at once with code 0), hang (never reports that it has started),
 * slow (reports it after DEMO_DELAY seconds) and deaf (does not end on SIGTERM). DEMO_DUMP=1 adds one line with the
 * environment and the JVM's options as JSON.
 */
public final class DemoBundle {
    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss,SSS");
    private static final Path TOLD_TO_EXIT = Path.of("/tmp/told-to-exit");
    private static final double POLL_SECONDS = 0.5;
    private static final String DEFAULT_DELAY_SECONDS = "3";

    private DemoBundle() {}

    public static void main(String[] args) throws InterruptedException {
        Map<String, String> environment = System.getenv();
        Package manifest = DemoBundle.class.getPackage();
        String id = manifest.getImplementationTitle();
        String version = environment.getOrDefault("DEMO_VERSION", manifest.getImplementationVersion());
        String behaviour = environment.getOrDefault("DEMO_BEHAVIOUR", "normal");
        double delay = Double.parseDouble(environment.getOrDefault("DEMO_DELAY", DEFAULT_DELAY_SECONDS));

        if ("1".equals(environment.get("DEMO_DUMP"))) {
            dump(environment);
        }
        info("Starting EventoApplication " + id);
        if (version != null) {
            info("Version " + version);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(id, behaviour)));
        switch (behaviour) {
            case "crash":
                throw new IllegalStateException("The demo bundle was told to crash");
            case "exit":
                return;
            case "slow":
                connect();
                pause(delay);
                break;
            case "hang":
                connect();
                forever();
                break;
            case "normal":
            case "crash-late":
            case "deaf":
                connect();
                break;
            default:
                throw new IllegalArgumentException("Unknown DEMO_BEHAVIOUR: " + behaviour);
        }
        info("Application Started!");
        if ("crash-late".equals(behaviour)) {
            pause(delay);
            throw new IllegalStateException("The demo bundle was told to crash late");
        }
        serve();
    }

    private static void connect() {
        info("Connecting to Evento Server...");
    }

    /** Evento Server tells a real bundle over its connection to exit; this one is told by a file. */
    private static void serve() throws InterruptedException {
        while (!Files.exists(TOLD_TO_EXIT)) {
            pause(POLL_SECONDS);
        }
        info("Told to exit");
    }

    private static void stop(String id, String behaviour) {
        info("Stopping EventoApplication " + id);
        if ("deaf".equals(behaviour)) {
            // A JVM waits for its shutdown hooks, so this one keeps it alive until SIGKILL.
            forever();
        }
    }

    private static void forever() {
        while (true) {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException ignored) {
                info("Interrupted, but told to stay");
            }
        }
    }

    private static void pause(double seconds) throws InterruptedException {
        Thread.sleep(Math.round(seconds * 1000));
    }

    /** Writes a line as log4j's console appender does with Evento's pattern. */
    private static void info(String message) {
        String thread = Thread.currentThread().getName();
        OUT.printf("%s INFO  [%s] EventoBundle - %s%n", LocalDateTime.now().format(CLOCK), thread, message);
    }

    private static void dump(Map<String, String> environment) {
        String variables = new TreeMap<>(environment).entrySet().stream()
                .map(entry -> quoted(entry.getKey()) + ":" + quoted(entry.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
        List<String> options = ManagementFactory.getRuntimeMXBean().getInputArguments();
        String arguments = options.stream().map(DemoBundle::quoted).collect(Collectors.joining(",", "[", "]"));
        OUT.println("{\"environment\":" + variables + ",\"jvmArguments\":" + arguments + "}");
    }

    /** A JSON string in ASCII, so that no encoding on the way to the reader can change it. */
    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }
}
