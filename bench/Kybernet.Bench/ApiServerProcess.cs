using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kybernet.ApiServer.Hosting;
using Kybernet.Store;
using Kybernet.Store.Etcd;
using Kybernet.Store.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kybernet.Bench;

/// <summary>An API server alone, in a process of its own, so that its memory and start-up can be read.</summary>
internal static class ApiServerProcess
{
    public static async Task<int> ServeAsync(string directory, Uri? etcd, CancellationToken cancellationToken)
    {
        await using IStore store = etcd is null
            ? await SqliteStore.OpenAsync(new SqliteStoreOptions { DataDirectory = directory, TimeProvider = TimeProvider.System }, cancellationToken)
            : new EtcdStore(new EtcdStoreOptions { Endpoints = [etcd] });
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var administrator = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(directory, "administrator.crt"));
        await using var host = await ApiServerHost.StartAsync(
            store,
            new ApiServerOptions
            {
                ServiceAccountKeyPem = key.ExportPkcs8PrivateKeyPem(),
                ClientAuthorities = [administrator],
                Listen = new ListenOptions(IPAddress.Loopback, 0, Certificates.ForLoopback()),
            },
            TimeProvider.System,
            NullLoggerFactory.Instance,
            cancellationToken);
        using var self = Process.GetCurrentProcess();
        var startup = TimeProvider.System.GetLocalNow().DateTime - self.StartTime;
        Console.WriteLine($"listening {host.Port} {startup.TotalMilliseconds:F0}");
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }
}
