import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;

/**
 * Says what Apache Avro thinks of pairs of schemas. A line of the input is a reader's schema, a tab and a writer's; the
 * answer is a line with each fault as RULE, a blank and its place, with tabs between, "OK" where there is none, "READER",
 * "WRITER" and the reason for a schema that is not valid, or "THROWN" and the reason where the checker gives up.
 */
public class Verdicts {
  public static void main(String[] args) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(verdict(line.split("\t", -1)));
    }
    out.flush();
  }

  private static String verdict(String[] pair) {
    Schema reader;
    Schema writer;
    try {
      reader = new Schema.Parser().parse(pair[0]);
    } catch (RuntimeException e) {
      return "READER\t" + oneLine(e);
    }
    try {
      writer = new Schema.Parser().parse(pair[1]);
    } catch (RuntimeException e) {
      return "WRITER\t" + oneLine(e);
    }
    try {
      return faults(SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult());
    } catch (RuntimeException e) {
      return "THROWN\t" + oneLine(e);
    }
  }

  private static String faults(SchemaCompatibility.SchemaCompatibilityResult result) {
    if (result.getCompatibility() == SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE) {
      return "OK";
    }
    StringBuilder all = new StringBuilder();
    for (SchemaCompatibility.Incompatibility fault : result.getIncompatibilities()) {
      all.append(all.length() == 0 ? "" : "\t").append(fault.getType()).append(' ').append(fault.getLocation());
    }
    return all.toString();
  }

  private static String oneLine(Exception e) {
    return String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
  }
}
