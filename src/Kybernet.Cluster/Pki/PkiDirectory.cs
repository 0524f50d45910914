using Kybernet.Api.Certificates;

namespace Kybernet.Cluster.Pki;

/// <summary>The folder of a cluster's keys and certificates: <c>NAME.crt</c> and <c>NAME.key</c>, readable by their owner only.</summary>
internal sealed class PkiDirectory(string directory)
{
    /// <summary>The pair of that name, made anew where there is none or it is not <paramref name="isCurrent"/>.</summary>
    public PemPair LoadOrCreate(string name, Func<PemPair, bool> isCurrent, Func<PemPair> create)
    {
        var certificatePath = Path.Combine(directory, name + ".crt");
        var keyPath = Path.Combine(directory, name + ".key");
        if (File.Exists(certificatePath) && File.Exists(keyPath))
        {
            var kept = new PemPair(File.ReadAllText(certificatePath), File.ReadAllText(keyPath));
            if (BelongTogether(kept) && isCurrent(kept))
            {
                return kept;
            }
        }

        var made = create();
        // A crash between the two leaves a key without its certificate, or with an older one: the next start sees that and makes both again.
        SecretFile.Write(keyPath, made.PrivateKey);
        SecretFile.Write(certificatePath, made.Certificate);
        return made;
    }

    /// <summary>The key of that name, made where there is none.</summary>
    public string LoadOrCreateKey(string name, Func<string> create)
    {
        var path = Path.Combine(directory, name);
        if (File.Exists(path))
        {
            return File.ReadAllText(path);
        }

        var made = create();
        SecretFile.Write(path, made);
        return made;
    }

    private static bool BelongTogether(PemPair pair)
    {
        try
        {
            using var certificate = pair.Load();
            return certificate.HasPrivateKey;
        }
        catch (Exception e) when (e is System.Security.Cryptography.CryptographicException or ArgumentException)
        {
            // Torn by a crash: as good as absent.
            return false;
        }
    }
}
