import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.io.JsonEncoder;

/**
 * Writes and reads messages with Apache Avro. A line of the input is one of
 *
 * <pre>
 * write SCHEMA JSON           the bytes of a message, in hexadecimal digits
 * blocks SCHEMA JSON          the same, where arrays are in blocks that tell their size
 * read WRITER READER BYTES    the message as JSON, as a reader sees it
 * </pre>
 *
 * with tabs between; the answer is a line, "THROWN" and the reason where Avro refuses.
 */
public class Golden {
  private static final EncoderFactory SMALL_BLOCKS = new EncoderFactory().configureBlockSize(64);

  public static void main(String[] args) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(answer(line.split("\t", -1)));
    }
    out.flush();
  }

  private static String answer(String[] asked) {
    try {
      Schema writer = new Schema.Parser().parse(asked[1]);
      return switch (asked[0]) {
        case "write" -> write(writer, asked[2], false);
        case "blocks" -> write(writer, asked[2], true);
        case "read" -> read(writer, new Schema.Parser().parse(asked[2]), HexFormat.of().parseHex(asked[3]));
        default -> throw new IllegalArgumentException(asked[0]);
      };
    } catch (IOException | RuntimeException e) {
      return "THROWN\t" + e.toString().replaceAll("\\s+", " ");
    }
  }

  private static String write(Schema schema, String json, boolean blocks) throws IOException {
    Object message = new GenericDatumReader<>(schema).read(null, DecoderFactory.get().jsonDecoder(schema, json));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = blocks
        ? SMALL_BLOCKS.blockingBinaryEncoder(bytes, null)
        : EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<>(schema).write(message, encoder);
    encoder.flush();
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  private static String read(Schema writer, Schema reader, byte[] bytes) throws IOException {
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, null);
    Object message = new GenericDatumReader<>(writer, reader).read(null, decoder);
    if (!decoder.isEnd()) {
      throw new IOException("bytes are left after the message");
    }
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    JsonEncoder encoder = EncoderFactory.get().jsonEncoder(reader, json);
    new GenericDatumWriter<>(reader).write(message, encoder);
    encoder.flush();
    return json.toString(StandardCharsets.UTF_8);
  }
}
