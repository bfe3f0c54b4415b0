package dev.dromedar.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.camel.RouteFileText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("long")
class ForeignTextTest {
    /** Everything that goes through a text. */
    static final Map<String, Consumer<CharSequence>> ALL = all();

    private static Map<String, Consumer<CharSequence>> all() {
        Map<String, Consumer<CharSequence>> all = new LinkedHashMap<>();
        all.put("line", ForeignText::line);
        all.put("lines", ForeignText::lines);
        all.put("joined", text -> ForeignText.joined(text, ForeignText.LONGEST));
        all.put("withoutCredentials", Masking::withoutCredentials);
        all.put("withoutQueries", Masking::withoutQueries);
        all.put("holdsCredential", Masking::holdsCredential);
        all.put("withoutComments", RouteFileText::withoutComments);
        all.put("isToken", text -> ForeignText.isToken(text, Integer.MAX_VALUE));
        all.put("isWord", text -> ForeignText.isWord(text, Integer.MAX_VALUE));
        all.put("isNumber", text -> ForeignText.isNumber(text, Integer.MAX_VALUE - 1));
        all.put("isName", text -> ForeignText.isName(text, Integer.MAX_VALUE));
        all.put("isWithin", text -> ForeignText.isWithin(text, Integer.MAX_VALUE, ' ', '~'));
        all.put("find", text -> ForeignText.find(text, "secret", "not known", "aaaaaaaa"));
        all.put("code", text -> ForeignText.code(text, "HID-", 40));
        all.put("isPrivate", PrivateNames::isPrivate);
        return all;
    }

    /** What made patterns slow or deep: each said again and again. */
    private static final List<String> PIECES = List.of(
            "eyJ",
            "eyJaaaaaaaa.",
            "a.",
            ".",
            "-",
            "a-",
            " ",
            "\n",
            " \n",
            "\t",
            "\"",
            "\\",
            "\\\"",
            "'",
            "=",
            "a=",
            "key=",
            "passord=",
            "passord=\"",
            "\"passord\":\"",
            "passord:",
            "passord=[",
            "passord={",
            "passord",
            "://",
            "://a@",
            "http://a:b@c/?x=y&",
            "?",
            "?a",
            "&a=b",
            "bearer ",
            "bearer",
            "Bearer aaaaaaaa",
            "<",
            "<!--",
            "<a",
            "<a>",
            "<passord>",
            "<a:passord ",
            "-----BEGIN ",
            "-----BEGIN PRIVATE KEY",
            "%",
            "%25",
            "%2525",
            "HID-",
            "HID-A",
            "AADSTS",
            "\u001b[",
            "\u202e",
            "\ud800",
            "a/b:1 ",
            "#",
            " #",
            "# \"",
            "ø",
            "o\u0308",
            "\u0301",
            "{{",
            "client ",
            "not ");

    static Stream<Arguments> work() {
        return ALL.keySet().stream().flatMap(name -> PIECES.stream().map(piece -> Arguments.of(name, piece)));
    }

    /** Counts how often a text is looked at, which a slow machine does not change. */
    private static final class Counted implements CharSequence {
        private final String text;
        private final long[] looks;

        Counted(String text, long[] looks) {
            this.text = text;
            this.looks = looks;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            looks[0]++;
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            looks[0] += end - start;
            return new Counted(text.substring(start, end), looks);
        }

        @Override
        public String toString() {
            looks[0] += text.length();
            return text;
        }
    }

    static long work(String name, String text) {
        long[] looks = new long[1];
        Objects.requireNonNull(ALL.get(name)).accept(new Counted(text, looks));
        return looks[0];
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("work")
    void looksAtEachCharacterAFewTimesHoweverLongTheText(String name, String piece) {
        for (int length : new int[] {1_000, 16_000, 128_000}) {
            String text = piece.repeat(length / piece.length());

            assertThat(work(name, text)).as("%s characters", length).isLessThan(60L * length);
            assertThat(work(name, "x" + text + "\u0000")).isLessThan(60L * length);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\r\n2026-01-01 ERROR forged",
                "\u001b[2J",
                "\u009b31m",
                "\u0085",
                "\u2028",
                "\u2029",
                "\u202e",
                "\u2066x\u2069",
                "\u200e",
                "\u200f",
                "\ufeff",
                "\u0000",
                "\u007f",
                "\ud800",
                "\udc00x",
                "\u00ad",
                "\u061c",
                "\ufff9",
                "\u180e",
                "a\tb",
                "\ud834\udd73"
            })
    void showsNothingThatALogOrATerminalWouldObey(String text) {
        assertThat(isHarmless(ForeignText.line(text))).isTrue();
        assertThat(isHarmless(ForeignText.joined(text, 100))).isTrue();
        assertThat(isHarmless(ForeignText.lines(text).replace("\n", "").replace("\t", "")))
                .isTrue();
    }

    static boolean isHarmless(String text) {
        return text.codePoints().noneMatch(c -> switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        });
    }

    @Test
    void showsOrdinaryTextAsItIs() {
        String text = "Blåbærsyltetøy 😀 'kr 100' – 你好 \\n";

        assertThat(ForeignText.line(text)).isEqualTo(text);
        assertThat(ForeignText.line("a\r\nb")).isEqualTo("a\\r\\nb");
        assertThat(ForeignText.lines("a\r\nb\tc")).isEqualTo("a\nb\tc");
        assertThat(ForeignText.line("x".repeat(20), 5)).isEqualTo("xxxxx... (15 more characters)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "passord",
                "Passord",
                "IntegrasjonPassord",
                "X-Passord-2",
                "PASSORD",
                "p%61ssord",
                "p%2561ssord",
                "p%61ssord%",
                "passordet",
                "klientHemmelighet",
                "hemmelig",
                "hemmelighet",
                "nøkkel",
                "N\u00d8KKEL",
                "n%C3%B8kkel",
                "noekkel",
                "nokkel",
                "apiNøkkel",
                "api-nøkkel",
                "krypteringsnøkkel",
                "pinkode",
                "PIN",
                "kodeord",
                "tilgangskode",
                "sesjon",
                "password",
                "db.password",
                "passwd",
                "pwd",
                "secret",
                "client_secret",
                "token",
                "accessToken",
                "access_token",
                "id-token",
                "accesstoken",
                "X-Api-Key",
                "apikey",
                "API_KEY",
                "APIKey",
                "key",
                "X-Functions-Key",
                "Ocp-Apim-Subscription-Key",
                "Authorization",
                "Proxy-Authorization",
                "Cookie",
                "Set-Cookie",
                "session",
                "JSESSIONID",
                "PHPSESSIONID",
                "credential",
                "X-Amz-Credential",
                "X-Amz-Signature",
                "signatur",
                "sig",
                "client_assertion",
                "code",
                "DPoP",
                "jwt",
                "pass\u200bord",
                "ｐａｓｓｗｏｒｄ"
            })
    void knowsPrivateNamesInEnglishAndNorwegian(String name) {
        assertThat(PrivateNames.isPrivate(name)).isTrue();
        assertThat(Masking.withoutCredentials("http://a/?" + name + "=h3mmelig&x=1"))
                .isEqualTo("http://a/?" + name + "=***&x=1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "monkey",
                "keyword",
                "keywords",
                "nøkkelord",
                "tokenization",
                "tokenizer",
                "pinne",
                "spin",
                "opinion",
                "patient",
                "person-reference",
                "Idempotency-Key",
                "idempotensnøkkel",
                "partition-key",
                "kafka.KEY",
                "CamelAwsS3Key",
                "CamelFileName",
                "diagnosekode",
                "postcode",
                "zip-code",
                "status",
                "author",
                "authority",
                "secretary",
                "compass",
                "passport",
                "journal",
                "correlation-id",
                "keyboard"
            })
    void leavesNamesThatOnlyLookLikeThem(String name) {
        assertThat(PrivateNames.isPrivate(name)).isFalse();
    }

    @Test
    void knowsTheNamesThatASiteAdds() {
        assertThat(PrivateNames.isPrivate("pasient-nr")).isFalse();

        PrivateNames.add(Set.of("pasient-nr"));

        for (String name :
                List.of("pasient-nr", "Pasient-Nr", "pasientNr", "pasient_nr", "X-Pasient-Nr", "p%61sient-nr")) {
            assertThat(PrivateNames.isPrivate(name)).as(name).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "https://user:pass@word@host/x | https://***@host/x",
                "Authorization: Bearer abcdefgh.ijk_l | Authorization: Bearer ***",
                "{Authorization=Bearer abcdefgh, person=1} | {Authorization=***, person=1}",
                "{Proxy-Authorization=Digest a b} | {Proxy-Authorization=***}",
                "Cookie=a=b; c=d | Cookie=***",
                "x eyJhbGciOiJub25lIn0.eyJhIjoxfQ. y | x *** y",
                "xeyJhbGciOiJub25lIn0.eyJhIjoxfQ.zz | x***",
                "{\"passord\": \"hunter\\\"2\", \"a\": 1} | {\"passord\": \"***\", \"a\": 1}",
                "{\\\"passord\\\":\\\"hunter2\\\",\\\"a\\\":1} | {\\\"passord\\\":\\\"***\\\",\\\"a\\\":1}",
                "{\"pin\":1234} | {\"pin\":***}",
                "{\"nøkkel\":[\"a\",\"b\"],\"x\":1} | {\"nøkkel\":***,\"x\":1}",
                "<passord>hunter2</passord> | <passord>***</passord>",
                "<s:passord type=\"x\">hunter2</s:passord> | <s:passord type=\"x\">***</s:passord>",
                "<passord><![CDATA[hunter2]]></passord> | <passord>***]]></passord>",
                "user[passord]=hunter2&x=1 | user[passord]=***&x=1",
                "{IntegrasjonPassord=hunter2, person=1} | {IntegrasjonPassord=***, person=1}",
                "Server=a;Password=hunter2 | Server=a;Password=***",
                "-----BEGIN RSA PRIVATE KEY-----MIIE-----END RSA PRIVATE KEY----- | -----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----",
                "try client-authentication = client_secret_post. | try client-authentication = client_secret_post.",
                "set dpop = true. password=true1 | set dpop = true. password=***",
                "http://a/x?person=1 | http://a/x?person=1"
            })
    void takesOutWhatOpensDoors(String text, String clean) {
        assertThat(Masking.withoutCredentials(text)).isEqualTo(clean);
    }

    @Test
    void takesOutQueriesAndNamedValuesOfWhatFailed() {
        assertThat(
                        Masking.withoutQueries(
                                "invoking http://a/x?person=1, status 500; IntegrasjonPassord: hunter2; dromedar.api.a.client-secret: missing"))
                .isEqualTo(
                        "invoking http://a/x?***, status 500; IntegrasjonPassord: ***; dromedar.api.a.client-secret: missing");
        assertThat(Masking.withoutQueries("refused by https://a/connect/token: invalid_client, and b/token: hunter2"))
                .isEqualTo("refused by https://a/connect/token: invalid_client, and b/token: ***");
    }

    @Test
    void noOtherClassThatSeesForeignTextHasAPattern() throws IOException {
        var found = new TreeSet<String>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java/dev/dromedar"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String source = Files.readString(file);
                if (source.contains("java.util.regex")) {
                    found.add(file.getFileName().toString());
                }
            }
        }

        // Of the operator's own files (keys, properties, route files), or of text that is bounded first
        assertThat(found)
                .isSubsetOf(
                        "AddressTemplate.java",
                        "AnswerPrint.java",
                        "ApiComponent.java",
                        "AuditFiles.java",
                        "CallAddress.java",
                        "CallCommand.java",
                        "CallEndpoint.java",
                        "CallLimitsReader.java",
                        "CamelTexts.java",
                        "ClusteredTriggers.java",
                        "DatabaseAddress.java",
                        "DatabaseFailures.java",
                        "DatabaseLeases.java",
                        "EndpointOptions.java",
                        "Feeds.java",
                        "FolderRights.java",
                        "GuardedSimple.java",
                        "KeyNames.java",
                        "LoadedFile.java",
                        "Membership.java",
                        "Pem.java",
                        "PropertyGroup.java",
                        "QuartzRows.java",
                        "Secrets.java",
                        "SimpleParts.java",
                        "SiteFiles.java",
                        "Sizes.java",
                        "TextChecks.java",
                        "WithoutSecrets.java");
    }
}
