package dev.dromedar.keys;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import javax.crypto.KeyAgreement;

/** The public half of a private key. Pure functions. */
final class PublicHalf {
    private PublicHalf() {}

    /** From the key itself where it says it, and otherwise from its certificate. */
    static PublicKey of(FoundKey found) {
        PublicKey known = found.publicKey();
        if (known != null) {
            return known;
        }
        try {
            if (found.privateKey() instanceof RSAPrivateCrtKey rsa) {
                return KeyFactory.getInstance("RSA")
                        .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
            }
            if (found.privateKey() instanceof ECPrivateKey ec) {
                return point(ec);
            }
        } catch (GeneralSecurityException | ArithmeticException e) {
            // reported below
        }
        if (!found.certificates().isEmpty()) {
            return CertificatePath.endEntity(found.certificates()).getPublicKey();
        }
        throw new UnusableCredential(
                "does not contain its public half: set certificate to the certificate of this key");
    }

    /**
     * The public half of an EC key that says its private number alone. The JDK multiplies points in key agreement only: with
     * the curve's generator as the other party it gives x, and of the two y to it one verifies what the key signs.
     */
    private static PublicKey point(ECPrivateKey key) throws GeneralSecurityException {
        ECParameterSpec curve = named(key.getParams());
        KeyFactory factory = KeyFactory.getInstance("EC");
        var agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(key);
        agreement.doPhase(factory.generatePublic(new ECPublicKeySpec(curve.getGenerator(), curve)), true);
        BigInteger x = new BigInteger(1, agreement.generateSecret());
        BigInteger p = ((ECFieldFp) curve.getCurve().getField()).getP();
        BigInteger square = x.pow(3)
                .add(curve.getCurve().getA().multiply(x))
                .add(curve.getCurve().getB())
                .mod(p);
        BigInteger y = square.modPow(p.add(BigInteger.ONE).shiftRight(2), p); // p is 3 modulo 4 on all three curves
        for (BigInteger candidate : new BigInteger[] {y, p.subtract(y)}) {
            PublicKey point = factory.generatePublic(new ECPublicKeySpec(new ECPoint(x, candidate), curve));
            var signer = java.security.Signature.getInstance("SHA256withECDSA");
            signer.initSign(key);
            byte[] signature = signer.sign();
            var verifier = java.security.Signature.getInstance("SHA256withECDSA");
            verifier.initVerify(point);
            if (verifier.verify(signature)) {
                return point;
            }
        }
        throw new GeneralSecurityException("no point fits");
    }

    private static ECParameterSpec named(ECParameterSpec spec) throws GeneralSecurityException {
        Curve curve = Curve.forECParameterSpec(spec);
        if (curve == null) {
            throw new UnusableCredential("is an EC key on a curve that is not known: P-256, P-384 or P-521 is needed");
        }
        var parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(curve.getStdName()));
        return parameters.getParameterSpec(ECParameterSpec.class);
    }

    /** Built from the numbers, because a JWK may spell them in more than one way. */
    static JWK jwk(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            return new RSAKey.Builder(rsa).build();
        }
        if (key instanceof ECPublicKey ec) {
            Curve curve = Curve.forECParameterSpec(ec.getParams());
            if (curve == null) {
                throw new UnusableCredential(
                        "is an EC key on a curve that is not known: P-256, P-384 or P-521 is needed");
            }
            algorithm(curve);
            return new ECKey.Builder(curve, ec).build();
        }
        throw new UnusableCredential("is a key of the kind " + key.getAlgorithm() + ": an RSA or EC key is needed");
    }

    /** The algorithm of a curve (RFC 7518 section 3.4). */
    static SignatureAlgorithm algorithm(Curve curve) {
        for (var algorithm : SignatureAlgorithm.values()) {
            if (curve.getName().equals(algorithm.curve())) {
                return algorithm;
            }
        }
        throw new UnusableCredential("is an EC key on " + curve + ": P-256, P-384 or P-521 is needed");
    }
}
