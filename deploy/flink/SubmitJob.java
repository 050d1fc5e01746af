import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.TableResult;

/**
 * Submits a job in SQL to a Flink cluster, unless a job of its name runs there, and writes the job's id to stdout.
 *
 * <pre>SubmitJob FILE.sql [zero | newest | PATH]</pre>
 *
 * The job goes on from the savepoint or checkpoint PATH, from the newest in the folder of its name in STATE (the default; from zero where
 * there is none), or from zero. The environment has FLINK_URL (the REST API), SCHEMAS (the folder of published Avro schemas), STATE (where
 * checkpoints and savepoints go, a URL that means the same here and in the cluster), and what the file has as ${NAME}.
 */
public class SubmitJob {
  private static final Pattern PLACE = Pattern.compile("\\$\\{([A-Z_]+)}");
  private static final Pattern SCHEMA = Pattern.compile("@schema\\(([^)]+)\\)");
  private static final Pattern COMMENT = Pattern.compile("(?m)^\\s*--.*$");
  private static final Pattern SET = Pattern.compile("(?is)SET\\s+'([^']+)'\\s*=\\s*'([^']*)'");

  public static void main(String[] args) throws Exception {
    URI flink = URI.create(environment("FLINK_URL"));
    String[] statements = statements(Files.readString(Path.of(args[0])));
    String name = name(statements);
    Optional<String> running = running(flink, name);
    if (running.isPresent()) {
      System.out.println(running.get());
      return;
    }
    Configuration configuration = new Configuration();
    configuration.setString("execution.target", "remote");
    configuration.setString("rest.address", flink.getHost());
    configuration.setString("rest.port", String.valueOf(flink.getPort()));
    start(args.length > 1 ? args[1] : "newest", name).ifPresent(path -> {
      System.err.println("going on from " + path);
      configuration.setString("execution.state-recovery.path", path);
    });
    submit(statements, configuration);
  }

  /** Fills in what a file leaves open, and parts it. A semicolon ends a statement where it ends a line. */
  private static String[] statements(String sql) throws IOException {
    String bare = COMMENT.matcher(sql).replaceAll("");
    String filled = PLACE.matcher(bare).replaceAll(place -> quoted(environment(place.group(1))));
    return SCHEMA.matcher(filled).replaceAll(SubmitJob::schema).strip().split(";\\s*(\\n|$)");
  }

  private static String schema(MatchResult place) {
    try {
      return quoted(Files.readString(Path.of(environment("SCHEMAS"), place.group(1) + ".avsc")).strip());
    } catch (IOException e) {
      throw new IllegalStateException("no schema " + place.group(1), e);
    }
  }

  /** Text for between quotes in SQL, and for a replacement. */
  private static String quoted(String text) {
    return java.util.regex.Matcher.quoteReplacement(text.replace("'", "''"));
  }

  private static String environment(String name) {
    String value = System.getenv(name);
    if (value == null) {
      throw new IllegalStateException("the environment has no " + name);
    }
    return value;
  }

  private static String name(String[] statements) {
    for (String statement : statements) {
      var set = SET.matcher(statement.strip());
      if (set.matches() && set.group(1).equals("pipeline.name")) {
        return set.group(2);
      }
    }
    throw new IllegalStateException("the file sets no pipeline.name");
  }

  /** The id of the job of a name that has not ended. */
  private static Optional<String> running(URI flink, String name) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(flink + "/jobs/overview")).build();
    HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(request.uri() + ": expected 200, found " + answer.statusCode());
    }
    for (JsonNode job : new ObjectMapper().readTree(answer.body()).get("jobs")) {
      boolean ended = Pattern.matches("FINISHED|CANCELED|FAILED", job.get("state").asText());
      if (job.get("name").asText().equals(name) && !ended) {
        return Optional.of(job.get("jid").asText());
      }
    }
    return Optional.empty();
  }

  /** From where a job goes on, if not from zero. */
  private static Optional<String> start(String from, String name) throws IOException {
    return switch (from) {
      case "zero" -> Optional.empty();
      case "newest" -> newest(environment("STATE") + "/" + name);
      default -> Optional.of(from);
    };
  }

  /** The newest checkpoint or savepoint: the last thing that is written of one is its _metadata. */
  private static Optional<String> newest(String url) throws IOException {
    if (!url.startsWith("file:")) {
      throw new IllegalStateException("what is newest in " + url + " can't be seen from here: name it, or zero");
    }
    Path state = Path.of(URI.create(url));
    if (!Files.isDirectory(state)) {
      return Optional.empty();
    }
    try (var files = Files.walk(state)) {
      return files.filter(file -> file.endsWith("_metadata"))
          .max(Comparator.comparingLong(file -> file.toFile().lastModified()))
          .map(file -> file.getParent().toUri().toString());
    }
  }

  private static void submit(String[] statements, Configuration configuration) {
    TableEnvironment tables =
        TableEnvironment.create(EnvironmentSettings.newInstance().withConfiguration(configuration).inStreamingMode().build());
    for (String statement : statements) {
      var set = SET.matcher(statement.strip());
      if (set.matches()) {
        tables.getConfig().set(set.group(1), set.group(2));
        continue;
      }
      TableResult result = tables.executeSql(statement);
      result.getJobClient().ifPresent(job -> System.out.println(job.getJobID()));
    }
  }
}
