package dev.dromedar.sandbox;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A FHIR server's export (Bulk Data Access 2.0) behind an API's checks: {@code $export} with {@code Prefer: respond-async}, the job's
 * status, its manifest, and the files, either below the API, which refuses them without a token, or with a file server that
 * refuses credentials and wants the signature in the file's address. Thread-safe.
 */
public final class BulkExport {
    private static final String SIGNATURE = "signature=a%2Fb%3D";

    private final ProtectedApi api;
    private final PlainOrigin fileServer;
    private final Map<String, Job> jobs = new LinkedHashMap<>();
    private final List<String> faults = new ArrayList<>();
    private List<String> next = List.of();
    private boolean withToken = true;
    private int polls;
    private int started;

    private static final class Job {
        private final String request;
        private final List<String> files;
        private final boolean withToken;
        private int polls;

        Job(String request, List<String> files, boolean withToken, int polls) {
            this.request = request;
            this.files = files;
            this.withToken = withToken;
            this.polls = polls;
        }
    }

    /** @param fileServer for the files that must not get the token */
    public BulkExport(ProtectedApi api, PlainOrigin fileServer) {
        this.api = api;
        this.fileServer = fileServer;
        api.respond(this::answer);
        fileServer.respond(this::signedFile);
    }

    /**
     * What the next export has.
     *
     * @param token whether its files need the token ({@code requiresAccessToken})
     * @param later how often its status is 202 before the manifest comes
     * @param files each NDJSON
     */
    public synchronized void exports(boolean token, int later, String... files) {
        withToken = token;
        polls = later;
        next = List.of(files);
    }

    /** How many exports were begun. */
    public synchronized int started() {
        return started;
    }

    /** How many jobs have not been deleted by the client. */
    public synchronized int jobs() {
        return jobs.size();
    }

    /** What a client did that the specification does not allow, in words; empty if nothing. */
    public synchronized List<String> faults() {
        return List.copyOf(faults);
    }

    /** The server forgets all jobs, as after their {@code Expires}. */
    public synchronized void forgetJobs() {
        jobs.clear();
    }

    private synchronized Answer answer(Request request) {
        String path = request.path().substring(api.baseAddress().getRawPath().length());
        if (path.endsWith("/$export")) {
            return start(request);
        }
        String[] parts = path.split("/", -1);
        Job job = parts.length > 2 && parts[1].equals("jobs") ? jobs.get(parts[2]) : null;
        if (job == null) {
            return outcome(404, "there is no such job");
        }
        if (parts.length == 5 && parts[3].equals("files")) {
            return job.withToken ? file(request, job, parts[4]) : refused(400, "this file is with the file server");
        }
        return parts.length == 3 ? status(request, parts[2], job) : outcome(404, "there is no such file");
    }

    private Answer start(Request request) {
        if (!request.method().equals("GET")
                || !request.headers("Prefer").equals(List.of("respond-async"))
                || !request.headers("Accept").equals(List.of("application/fhir+json"))) {
            return refused(400, "$export needs GET, Prefer: respond-async and Accept: application/fhir+json");
        }
        if (!jobs.isEmpty()) {
            return refused(429, "an export is under way; its job was neither finished nor deleted");
        }
        String id = String.valueOf(++started);
        jobs.put(id, new Job(api.origin().uri() + request.target(), next, withToken, polls));
        return Answer.of(202, List.of(new Header("Content-Location", api.baseAddress() + "/jobs/" + id)), "");
    }

    private Answer status(Request request, String id, Job job) {
        if (request.method().equals("DELETE")) {
            jobs.remove(id);
            return Answer.of(202, List.of(), "");
        }
        if (!request.method().equals("GET") || !request.headers("Prefer").isEmpty()) {
            return refused(400, "a job's status needs GET, without Prefer");
        }
        if (job.polls > 0) {
            job.polls--;
            return Answer.of(202, List.of(new Header("Retry-After", "0"), new Header("X-Progress", "working")), "");
        }
        ObjectNode manifest = Json.object()
                .put("transactionTime", "2026-11-29T0" + id + ":00:00Z")
                .put("request", job.request)
                .put("requiresAccessToken", job.withToken);
        ArrayNode output = manifest.putArray("output");
        for (int i = 0; i < job.files.size(); i++) {
            String place = "/jobs/" + id + "/files/" + i;
            output.addObject()
                    .put("type", "Patient")
                    .put(
                            "url",
                            job.withToken
                                    ? api.baseAddress() + place
                                    : fileServer.uri() + "/bucket" + place + "?" + SIGNATURE);
        }
        manifest.putArray("error");
        return Answer.of(200, "application/json", Json.write(manifest));
    }

    private Answer file(Request request, Job job, String index) {
        if (!request.method().equals("GET")
                || request.headers("Accept").stream().noneMatch("application/fhir+ndjson"::equals)) {
            return refused(406, "a file needs GET and Accept: application/fhir+ndjson");
        }
        String text = text(job, index);
        return text == null ? outcome(404, "there is no such file") : Answer.of(200, "application/fhir+ndjson", text);
    }

    private static @Nullable String text(Job job, String index) {
        return index.matches("\\d{1,4}") && Integer.parseInt(index) < job.files.size()
                ? job.files.get(Integer.parseInt(index))
                : null;
    }

    private synchronized Answer signedFile(Request request) {
        String[] parts = request.path().split("/", -1); // "", bucket, jobs, ID, files, N
        Job job = parts.length == 6 ? jobs.get(parts[3]) : null;
        if (job == null || job.withToken || !SIGNATURE.equals(request.query())) {
            return refused(403, "the signature of the file's address is not as it was made");
        }
        return file(request, job, parts[5]);
    }

    private Answer refused(int status, String words) {
        faults.add(words);
        return outcome(status, words);
    }

    /** FHIR R4, OperationOutcome. */
    private static Answer outcome(int status, String words) {
        ObjectNode outcome = Json.object().put("resourceType", "OperationOutcome");
        outcome.putArray("issue")
                .addObject()
                .put("severity", "error")
                .put("code", "processing")
                .put("diagnostics", words);
        return Answer.of(status, "application/fhir+json", Json.write(outcome));
    }
}
