using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kybernet.Api.Certificates.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Certificates;

/// <summary>
/// A certificate that the cluster signs for a kubelet: asked for when there is none, kept in a file with its key, and renewed with a new key between 70 and
/// 90 percent of its life (Kubernetes documentation: TLS bootstrapping; Configure Certificate Rotation for the Kubelet).
/// </summary>
/// <param name="path">The file.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where it tells of renewals.</param>
public sealed partial class ManagedCertificate(string path, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);

    private readonly CertificateFile _file = new(path);

    // Of one kubelet out of many that were started together, so that they do not all renew at once.
    private readonly double _renewAt = 0.7 + (0.2 * Random.Shared.NextDouble());
    private volatile X509Certificate2? _current;

    /// <summary>The certificate with its key; null as long as there is none.</summary>
    public X509Certificate2? Current => _current;

    /// <summary>The file of the certificate and its key.</summary>
    public string Path => _file.Path;

    /// <summary>Whether there is one that can be used.</summary>
    public bool Exists => (_current ??= _file.Load()) is not null;

    /// <summary>Makes sure that there is a certificate that says what is wanted and has not expired.</summary>
    /// <exception cref="ApiException">The API server refuses the request.</exception>
    /// <exception cref="CertificateDeniedException">The cluster does not sign it, or not in time.</exception>
    public async Task EnsureAsync(ApiClient client, CertificateWish wish, CancellationToken cancellationToken)
    {
        _current ??= _file.Load();
        if (_current is { } kept && wish.IsMetBy(kept) && time.GetUtcNow() < kept.NotAfter)
        {
            return;
        }
        await RenewAsync(client, wish, cancellationToken);
    }

    /// <summary>Ensures it, and keeps renewing it until cancelled.</summary>
    /// <param name="client">Asks as the node.</param>
    /// <param name="wish">What it is to say, which may change with the node's addresses; null while that is not known.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(ApiClient client, Func<CancellationToken, Task<CertificateWish?>> wish, CancellationToken cancellationToken)
    {
        _current ??= _file.Load();
        while (true)
        {
            try
            {
                if (await wish(cancellationToken) is { } wanted && (_current is not { } kept || !wanted.IsMetBy(kept) || time.GetUtcNow() >= RenewalOf(kept)))
                {
                    await RenewAsync(client, wanted, cancellationToken);
                }
            }
            catch (Exception exception) when (exception is ApiException or ApiUnavailableException or CertificateDeniedException)
            {
                LogFailed(path, exception.Message);
            }
            await Task.Delay(_current is null ? TimeSpan.FromSeconds(1) : RetryAfter, time, cancellationToken);
        }
    }

    private DateTimeOffset RenewalOf(X509Certificate2 certificate) =>
        certificate.NotBefore + ((certificate.NotAfter - certificate.NotBefore) * _renewAt);

    private async Task RenewAsync(ApiClient client, CertificateWish wish, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = await SignAsync(client, wish, wish.ToRequest(key), cancellationToken);
        _file.Save(pem, key);
        _current = _file.Load(); // the one before is left to the collector: a handshake may be using it
        LogRenewed(path, _current!.NotAfter);
    }

    private async Task<string> SignAsync(ApiClient client, CertificateWish wish, string request, CancellationToken cancellationToken)
    {
        var asked = await client.CreateAsync(
            new CertificateSigningRequest
            {
                Metadata = new ObjectMeta { GenerateName = "csr-" },
                Spec = new CertificateSigningRequestSpec { SignerName = wish.SignerName, Request = Encoding.ASCII.GetBytes(request), Usages = wish.Usages },
            },
            cancellationToken);
        var deadline = time.GetUtcNow() + Patience;
        while (true)
        {
            var answer = await client.GetAsync<CertificateSigningRequest>("", asked.Metadata.Name!, cancellationToken);
            if (answer.Status.Certificate is { IsEmpty: false } certificate)
            {
                return Encoding.ASCII.GetString(certificate.Span);
            }
            if (answer.Status.Conditions.FirstOrDefault(static condition => condition.Type is "Denied" or "Failed") is { } refusal)
            {
                throw new CertificateDeniedException($"certificate signing request {asked.Metadata.Name} was not signed: {refusal.Reason}: {refusal.Message}");
            }
            if (time.GetUtcNow() >= deadline)
            {
                throw new CertificateDeniedException($"certificate signing request {asked.Metadata.Name} was not signed within {Patience.TotalMinutes} minutes");
            }
            await Task.Delay(AskEvery, time, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Information, "The certificate in {File} is good until {End}")]
    private partial void LogRenewed(string file, DateTimeOffset end);

    [LoggerMessage(LogLevel.Warning, "The certificate in {File} could not be renewed: {Reason}")]
    private partial void LogFailed(string file, string reason);
}

/// <summary>Thrown when the cluster does not sign what a kubelet asks for.</summary>
public sealed class CertificateDeniedException(string message) : Exception(message);
