using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kybernet.Kubelet.Certificates;

/// <summary>A certificate and its key in one file that its owner alone can read, replaced in one piece.</summary>
internal sealed class CertificateFile(string path)
{
    public string Path => path;

    /// <summary>The pair; null where there is none yet, or none that can be used.</summary>
    public X509Certificate2? Load()
    {
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            return X509Certificate2.CreateFromPemFile(path, path);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return null; // it is asked for anew
        }
    }

    public void Save(string certificatePem, ECDsa key)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var next = path + ".next";
        File.Delete(next);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var writer = new StreamWriter(next, options))
        {
            writer.Write(certificatePem.TrimEnd() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        }
        File.Move(next, path, overwrite: true);
    }
}
