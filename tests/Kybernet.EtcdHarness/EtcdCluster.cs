using System.Diagnostics;
using Kybernet.Store;
using Kybernet.Store.Etcd;

namespace Kybernet.EtcdHarness;

/// <summary>How an etcd cluster for a test is made.</summary>
public sealed record EtcdClusterOptions
{
    /// <summary>How many members it has.</summary>
    public int Members { get; init; } = 1;

    /// <summary>Whether clients have to show a certificate, over TLS.</summary>
    public bool Secure { get; init; } = true;

    /// <summary>Whether a write is on the disk before it is acknowledged. Where that is not what is tested, it only takes time.</summary>
    public bool Durable { get; init; }

    /// <summary>A snapshot that it begins with; null to begin empty.</summary>
    public Stream? Snapshot { get; init; }
}

/// <summary>A real etcd cluster of a test's own, which goes, with its files, when it is disposed.</summary>
public sealed class EtcdCluster : IAsyncDisposable
{
    private const int Attempts = 5;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);
    private readonly string _directory;
    private readonly EtcdCertificates? _certificates;
    private readonly EtcdServer[] _servers;
    private readonly string _initialCluster;

    private EtcdCluster(EtcdClusterOptions options)
    {
        _directory = Directory.CreateTempSubdirectory("kybernet-etcd-").FullName;
        _certificates = options.Secure ? new EtcdCertificates(_directory) : null;
        _servers = [.. Enumerable.Range(0, options.Members).Select(i => new EtcdServer($"m{i}", _directory, EtcdPorts.Choose(), _certificates, options.Durable))];
        _initialCluster = string.Join(',', _servers.Select(server => server.Peer));
    }

    public IReadOnlyList<Uri> Endpoints => [.. _servers.Select(server => server.Endpoint)];

    public EtcdCertificates Certificates => _certificates ?? throw new InvalidOperationException("this cluster has no certificates");

    public EtcdStoreOptions StoreOptions => new()
    {
        Endpoints = Endpoints,
        AuthorityFile = _certificates?.AuthorityFile,
        CertificateFile = _certificates?.ClientCertificateFile,
        KeyFile = _certificates?.ClientKeyFile,
    };

    /// <summary>Starts a cluster and waits until it answers.</summary>
    public static async Task<EtcdCluster> StartAsync(EtcdClusterOptions options, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var cluster = new EtcdCluster(options);
            try
            {
                if (options.Snapshot is { } snapshot)
                {
                    await cluster.RestoreAsync(snapshot, cancellationToken);
                }
                foreach (var server in cluster._servers)
                {
                    server.Start(cluster._initialCluster);
                }
                await cluster.WaitUntilServingAsync(cancellationToken);
                return cluster;
            }
            catch (Exception exception)
            {
                // Somebody else may have taken a port before etcd could.
                var retry = exception is EtcdExitedException && attempt < Attempts && options.Snapshot is null or { CanSeek: true };
                await cluster.DisposeAsync();
                if (!retry)
                {
                    throw;
                }
                options.Snapshot?.Seek(0, SeekOrigin.Begin);
            }
        }
    }

    /// <summary>Kills a member (kill -9).</summary>
    public Task KillAsync(int member, CancellationToken cancellationToken) => _servers[member].KillAsync(cancellationToken);

    /// <summary>Starts a member that was killed, on what it has on its disk.</summary>
    public void Start(int member) => _servers[member].Start(_initialCluster);

    /// <summary>Stops a member where it stands, or lets it go on.</summary>
    public Task SuspendAsync(int member, bool suspended, CancellationToken cancellationToken) => _servers[member].SuspendAsync(suspended, cancellationToken);

    /// <summary>Which member leads.</summary>
    public async Task<int> LeaderAsync(CancellationToken cancellationToken)
    {
        for (var began = Stopwatch.StartNew(); began.Elapsed < Deadline; await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken))
        {
            for (var i = 0; i < _servers.Length; i++)
            {
                // "endpoint status" in its simple form: endpoint, ID, version, size, is leader, ...
                var (code, output) = await TryEtcdctlAsync(["endpoint", "status", "--endpoints", Origin(_servers[i].Endpoint)], cancellationToken);
                if (code == 0 && output.Split(", ") is [_, _, _, _, "true", ..])
                {
                    return i;
                }
            }
        }
        throw new TimeoutException("etcd has no leader");
    }

    /// <summary>Runs <c>etcdctl</c> against the cluster.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> EtcdctlAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var (code, output) = await TryEtcdctlAsync(["--endpoints", string.Join(',', Endpoints.Select(Origin)), .. arguments], cancellationToken);
        return code == 0 ? output : throw new InvalidOperationException($"etcdctl failed: {output}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
        Directory.Delete(_directory, recursive: true);
    }

    private static string Origin(Uri endpoint) => endpoint.GetLeftPart(UriPartial.Authority);

    private async Task WaitUntilServingAsync(CancellationToken cancellationToken)
    {
        await using var store = new EtcdStore(StoreOptions);
        var began = Stopwatch.StartNew();
        while (true)
        {
            if (_servers.FirstOrDefault(server => server.HasExited) is { } exited)
            {
                throw new EtcdExitedException(exited.Log);
            }
            try
            {
                await store.GetRevisionAsync(cancellationToken);
                return;
            }
            catch (StoreUnavailableException) when (began.Elapsed < Deadline)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
            }
        }
    }

    private async Task RestoreAsync(Stream snapshot, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_directory, "snapshot.db");
        await using (var file = File.Create(path))
        {
            await snapshot.CopyToAsync(file, cancellationToken);
        }
        foreach (var server in _servers)
        {
            var (code, output) = await RunAsync(
                [
                    "snapshot", "restore", path, "--data-dir", server.DataDirectory, "--name", server.Name, "--initial-cluster", _initialCluster,
                    "--initial-advertise-peer-urls", server.Peer[(server.Name.Length + 1)..],
                ],
                cancellationToken);
            if (code != 0)
            {
                throw new InvalidOperationException($"etcdctl snapshot restore failed: {output}");
            }
        }
    }

    private Task<(int Code, string Output)> TryEtcdctlAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        RunAsync(
            _certificates is null
                ? arguments
                : ["--cacert", Certificates.AuthorityFile, "--cert", Certificates.ClientCertificateFile, "--key", Certificates.ClientKeyFile, .. arguments],
            cancellationToken);

    private static async Task<(int Code, string Output)> RunAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("etcdctl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ETCDCTL_API"] = "3";
        using var process = Process.Start(start) ?? throw new InvalidOperationException("etcdctl did not start");
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, process.ExitCode == 0 ? await output : await output + await errors);
    }
}
