package dev.dromedar.settings;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.SigningKey;
import dev.dromedar.oauth.AssertionFile;
import dev.dromedar.oauth.ClientAuthentication;
import dev.dromedar.oauth.ClientAuthentication.AssertionForm;
import dev.dromedar.oauth.ClientAuthenticationMethod;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.Grant;
import dev.dromedar.oauth.Profile;
import dev.dromedar.oauth.TlsIdentity;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads how a client authenticates at its authority, against the profile's rules. */
final class ClientReader {
    private static final String FILE = "client-assertion-file";

    private final PropertyGroup group;
    private final CredentialReader credentials;
    private final Profile profile;

    ClientReader(PropertyGroup group, CredentialReader credentials, Profile profile) {
        this.group = group;
        this.credentials = credentials;
        this.profile = profile;
    }

    @Nullable
    ClientAuthentication authentication(@Nullable TlsIdentity certificate) {
        Map<String, Grant> grants = new LinkedHashMap<>();
        Arrays.stream(Grant.values()).forEach(grant -> grants.put(grant.propertyValue(), grant));
        Grant grant = group.choice("grant", grants);
        if (grant != null && !profile.grants().contains(grant)) {
            group.broken("grant", "'" + grant.propertyValue() + "'", profile);
            return null;
        }
        grant = grant == null ? profile.grants().get(0) : grant;
        if (group.has(FILE)) {
            return ofPlatform(grant);
        }
        boolean hasKey = group.has("private-key") || group.has("key-store") || group.has("key-store-type");
        ClientAuthenticationMethod method = method(grant, hasKey);
        var assertions = new AssertionReader(group, credentials, profile);
        AssertionForm form = assertions.form(grant);
        if (method == null || form == null) {
            group.checkOthers();
            return null;
        }
        if (grant == Grant.JWT_BEARER && method != ClientAuthenticationMethod.NONE) {
            Followed<SigningKey> key = assertions.key(form);
            ClientAuthentication client = bySecret(method);
            return key == null || client == null
                    ? null
                    : new ClientAuthentication.JwtBearerGrant(key, form, profile.grantSaysAll(), client);
        }
        return switch (method) {
            case PRIVATE_KEY_JWT, NONE -> {
                if (group.has("client-secret")) {
                    group.fault(
                            "client-secret",
                            "is not used with " + words(method) + ". Remove it"
                                    + (profile.authenticationMethods().size() == 1
                                            ? ": " + profile.rule("client-authentication") + "."
                                            : ", or set client-authentication = client_secret_basic."));
                }
                Followed<SigningKey> key = assertions.key(form);
                yield key == null
                        ? null
                        : method == ClientAuthenticationMethod.NONE
                                ? new ClientAuthentication.JwtBearerGrant(key, form, profile.grantSaysAll(), null)
                                : new ClientAuthentication.PrivateKeyJwt(key, form);
            }
            case TLS_CLIENT_AUTH -> byCertificate(certificate);
            case CLIENT_SECRET_BASIC, CLIENT_SECRET_POST -> {
                if (hasKey) {
                    group.fault(
                            group.has("private-key")
                                    ? "private-key"
                                    : group.has("key-store") ? "key-store" : "key-store-type",
                            "is not used with " + method.registeredName()
                                    + ". Remove it, or set client-authentication = private_key_jwt.");
                }
                yield bySecret(method);
            }
        };
    }

    private @Nullable ClientAuthentication ofPlatform(Grant grant) {
        String name = group.text(FILE);
        if (!profile.assertionOfPlatforms()) {
            group.broken(FILE, "'" + name + "'", profile);
            group.checkOthers();
            return null;
        }
        if (grant == Grant.JWT_BEARER) {
            group.fault(FILE, "has no effect with grant = jwt-bearer. Remove one of them.");
        }
        for (String key : List.of("private-key", "key-store", "key-store-type", "client-secret")) {
            if (group.has(key)) {
                group.fault(
                        key, "is not used with client-assertion-file, which is the whole proof. Remove one of them.");
            }
        }
        String method = group.text("client-authentication");
        if (method != null && !method.equals(ClientAuthenticationMethod.PRIVATE_KEY_JWT.registeredName())) {
            group.fault(
                    "client-authentication",
                    "'" + method + "' is not used with client-assertion-file. Remove it, or set private_key_jwt.");
        }
        if (name == null) {
            return null;
        }
        try {
            var file = new AssertionFile(Path.of(name));
            file.check();
            return new ClientAuthentication.PlatformAssertion(file);
        } catch (AssertionFile.Unusable e) {
            group.fault(FILE, "'" + name + "' " + e.getMessage() + ".");
        } catch (InvalidPathException e) {
            group.fault(FILE, "'" + ForeignText.line(name) + "' is not a path.");
        }
        return null;
    }

    private @Nullable ClientAuthentication bySecret(ClientAuthenticationMethod method) {
        Followed<Secret> secret = credentials.secret();
        return secret == null
                ? null
                : method == ClientAuthenticationMethod.CLIENT_SECRET_BASIC
                        ? new ClientAuthentication.SecretBasic(secret)
                        : new ClientAuthentication.SecretPost(secret);
    }

    private static String words(ClientAuthenticationMethod method) {
        return method == ClientAuthenticationMethod.NONE ? "the JWT grant" : method.registeredName();
    }

    private @Nullable ClientAuthenticationMethod method(Grant grant, boolean hasKey) {
        Map<String, ClientAuthenticationMethod> methods = new LinkedHashMap<>();
        for (var method : ClientAuthenticationMethod.values()) {
            methods.put(method.registeredName(), method);
        }
        ClientAuthenticationMethod method = group.choice("client-authentication", methods);
        if (method == null && group.has("client-authentication")) {
            return null;
        }
        if (grant == Grant.JWT_BEARER) {
            // Client authentication is optional with this grant (RFC 7521 section 4.1); by a secret, where it is open
            boolean bySecret = method == ClientAuthenticationMethod.CLIENT_SECRET_BASIC
                    || method == ClientAuthenticationMethod.CLIENT_SECRET_POST;
            if (method == null || method == ClientAuthenticationMethod.NONE) {
                return ClientAuthenticationMethod.NONE;
            }
            if (!bySecret || !profile.authenticationMethods().contains(method)) {
                group.broken("client-authentication", "'" + method.registeredName() + "'", profile);
                return null;
            }
            return method;
        }
        if (method == null) {
            method = hasKey
                            && !group.has("client-secret")
                            && profile.authenticationMethods().contains(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
                    ? ClientAuthenticationMethod.PRIVATE_KEY_JWT
                    : profile.authenticationMethods().get(0);
        }
        if (!profile.authenticationMethods().contains(method)) {
            group.broken("client-authentication", "'" + method.registeredName() + "'", profile);
            return null;
        }
        return method;
    }

    private @Nullable ClientAuthentication byCertificate(@Nullable TlsIdentity certificate) {
        for (String key : List.of("private-key", "client-secret", "key-store")) {
            if (group.has(key)) {
                group.fault(
                        key, "is not used with tls_client_auth. Remove it; the certificate's key is tls-private-key.");
            }
        }
        if (certificate == null) {
            if (!group.has("tls-private-key") && !group.has("tls-key-store")) {
                group.fault(
                        "tls-certificate",
                        "missing. Set tls-certificate and tls-private-key, or tls-key-store, for tls_client_auth.");
            }
            return null;
        }
        if ("api".equals(group.text("tls-certificate-for"))) {
            group.fault(
                    "tls-certificate-for",
                    "'api' keeps the certificate from the authority, and tls_client_auth shows it"
                            + " there. Set it to 'both'.");
        }
        return new ClientAuthentication.TlsCertificate(certificate);
    }
}
