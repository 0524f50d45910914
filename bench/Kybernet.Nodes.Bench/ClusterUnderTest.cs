using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Kybernet.Client;

namespace Kybernet.Nodes.Bench;

/// <summary>A cluster of one node in a data directory of its own, gone without a trace when disposed.</summary>
internal sealed class ClusterUnderTest : IAsyncDisposable
{
    private readonly string _program;
    private readonly DirectoryInfo _folder;
    private readonly HttpTransport _transport;
    private readonly Process _process;

    private ClusterUnderTest(string program, DirectoryInfo folder)
    {
        _program = program;
        _folder = folder;
        var connection = Kubeconfig.Load(Path.Combine(folder.FullName, "admin.kubeconfig")).Connection();
        _transport = new HttpTransport(connection, TimeProvider.System);
        Client = new ApiClient(_transport);
        var pid = File.ReadAllText(Path.Combine(folder.FullName, "kybernet.pid")).Split(' ')[0];
        _process = Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture));
    }

    public ApiClient Client { get; }

    /// <summary>What the process of the cluster has spent so far, in the kernel and outside; containerd and its shims are processes of their own.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public long ResidentMegabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1024 / 1024;
        }
    }

    public static async Task<ClusterUnderTest> StartAsync(string program, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("kybernet-bench-");
        string[] arguments = ["up", "--detach", "--data-dir", folder.FullName, "--https-port", FreePort().ToString(CultureInfo.InvariantCulture)];
        try
        {
            await RunAsync(program, arguments, cancellationToken);
            return new ClusterUnderTest(program, folder);
        }
        catch
        {
            await RunAsync(program, ["down", "--data-dir", folder.FullName], CancellationToken.None); // what had started must not stay
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Dispose();
        await _transport.DisposeAsync();
        await RunAsync(_program, ["down", "--data-dir", _folder.FullName], CancellationToken.None); // also where the run was cancelled
        _folder.Delete(recursive: true);
    }

    private static async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed: {output}");
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
