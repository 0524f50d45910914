using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kybernet.Client;

/// <summary>
/// A client's certificate and key in files, which may be one and the same, that are read again when they have changed: whoever renews a certificate
/// replaces the files, and connections made from then on show the new one.
/// </summary>
internal sealed class CertificateFiles(string certificateFile, string keyFile)
{
    private readonly Lock _gate = new();
    private X509Certificate2? _current;
    private DateTime _written;

    /// <summary>The pair as it is now.</summary>
    /// <exception cref="KubeconfigException">The files cannot be read, or hold something else, and never held a pair.</exception>
    public X509Certificate2 Load()
    {
        lock (_gate)
        {
            var written = File.GetLastWriteTimeUtc(certificateFile);
            if (_current is not null && written == _written)
            {
                return _current;
            }
            try
            {
                // The one before is left to the collector: a handshake may be using it.
                _current = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
                _written = written;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
            {
                if (_current is null)
                {
                    throw new KubeconfigException($"the client certificate in {certificateFile} cannot be used: {exception.Message}", exception);
                }
            }
            return _current;
        }
    }
}
