using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Kybernet.EtcdHarness;

/// <summary>One member of an etcd cluster: a process of this test's own, on loopback, with a directory of its own.</summary>
internal sealed class EtcdServer(string name, string directory, EtcdPorts ports, EtcdCertificates? certificates, bool durable) : IAsyncDisposable
{
    private readonly StringBuilder _log = new();
    private Process? _process;

    public string Name { get; } = name;

    public string DataDirectory { get; } = Path.Combine(directory, name);

    public Uri Endpoint { get; } = new(string.Create(CultureInfo.InvariantCulture, $"{(certificates is null ? "http" : "https")}://127.0.0.1:{ports.Client}"));

    public string Peer { get; } = string.Create(CultureInfo.InvariantCulture, $"{name}=http://127.0.0.1:{ports.Peer}");

    private string PeerUrl => Peer[(Name.Length + 1)..];

    /// <summary>What it has said.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    public bool HasExited => _process is { HasExited: true };

    /// <summary>Starts the process, for the first time or again on the same directory.</summary>
    public void Start(string initialCluster)
    {
        var start = new ProcessStartInfo("etcd")
        {
            ArgumentList =
            {
                "--name", Name, "--data-dir", DataDirectory, "--initial-cluster", initialCluster, "--initial-advertise-peer-urls", PeerUrl,
                "--listen-peer-urls", PeerUrl, "--listen-client-urls", Origin, "--advertise-client-urls", Origin,
                "--log-level", "warn", "--logger", "zap", "--enable-pprof=false",
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (certificates is not null)
        {
            foreach (var argument in (string[])
                ["--client-cert-auth", "--trusted-ca-file", certificates.AuthorityFile, "--cert-file", certificates.ServerCertificateFile, "--key-file", certificates.ServerKeyFile])
            {
                start.ArgumentList.Add(argument);
            }
        }
        if (!durable)
        {
            start.ArgumentList.Add("--unsafe-no-fsync");
        }
        _process = Process.Start(start) ?? throw new InvalidOperationException("etcd did not start");
        _process.OutputDataReceived += Remember;
        _process.ErrorDataReceived += Remember;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Kills the process as a power failure would, and waits until it is gone.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync(cancellationToken);
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>Stops the process where it stands (SIGSTOP), or lets it go on: connections stay, answers do not come.</summary>
    public async Task SuspendAsync(bool suspended, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", [suspended ? "-STOP" : "-CONT", string.Create(CultureInfo.InvariantCulture, $"{_process!.Id}")]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    // A test that was cancelled still ends its processes.
    public async ValueTask DisposeAsync() => await KillAsync(CancellationToken.None);

    private string Origin => Endpoint.GetLeftPart(UriPartial.Authority);

    private void Remember(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            _log.AppendLine(line.Data);
        }
    }
}
