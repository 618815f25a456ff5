import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.util.List;
import org.apache.maven.plugin.surefire.log.api.NullConsoleLogger;
import org.apache.maven.plugins.surefire.report.ReportTestSuite;
import org.apache.maven.plugins.surefire.report.TestSuiteXmlParser;
import org.spdx.tools.SpdxToolsHelper;
import org.spdx.tools.Verify;

/**
 * What libraries of Java load of our reports. Each line of standard input is a format, a tab and a path. The answer is
 * a line too: the path, the number of findings that the library has then, and its error, which is empty where it took
 * it.
 */
class Reports {
    /** The findings are not counted: the verifier has no place for them. */
    static int spdx(String path) throws Exception {
        List<String> found = Verify.verify(path, SpdxToolsHelper.SerFileType.JSONLD);
        if (!found.isEmpty()) {
            throw new IllegalArgumentException(found.size() + " errors: " + found.get(0));
        }
        return 0;
    }

    /** Cases that failed. */
    static int junit(String path) throws Exception {
        int count = 0;
        try (InputStreamReader text = new InputStreamReader(new FileInputStream(path), "UTF-8")) {
            for (ReportTestSuite suite : new TestSuiteXmlParser(new NullConsoleLogger()).parse(text)) {
                count += suite.getNumberOfFailures();
            }
        }
        return count;
    }

    static int read(String format, String path) throws Exception {
        return format.equals("spdx") ? spdx(path) : junit(path);
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        SpdxToolsHelper.initialize();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] columns = line.split("\t");
            int count = 0;
            String error = "";
            try {
                count = read(columns[0], columns[1]);
            } catch (Exception thrown) {
                error = String.valueOf(thrown).replaceAll("\\s+", " ");
            }
            System.out.println(columns[1] + "\t" + count + "\t" + error);
        }
    }
}
