using System.Net;
using System.Net.Sockets;

namespace Kybernet.EndToEnd.Fixture;

/// <summary>The published program, and one data directory that it is used on.</summary>
internal sealed class KybernetProgram : IDisposable
{
    private static readonly Dictionary<string, string> NoEnvironment = [];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kybernet-e2e-");

    public KybernetProgram()
    {
        DataDir = Path.Combine(_folder.FullName, "data");
        Port = FreePort();
    }

    public string DataDir { get; }

    public int Port { get; }

    public string Kubeconfig => Path.Combine(DataDir, "admin.kubeconfig");

    public Task<Result> RunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        Shell.RunAsync(Repository.Program, arguments, "", NoEnvironment, cancellationToken);

    public Task<Result> UpAsync(CancellationToken cancellationToken, params string[] more) =>
        RunAsync(cancellationToken, ["up", "--detach", "--data-dir", DataDir, "--https-port", Port.ToString(null, null), .. more]);

    public Task<Result> DownAsync(CancellationToken cancellationToken) => RunAsync(cancellationToken, "down", "--data-dir", DataDir);

    /// <summary>The process of the cluster.</summary>
    public int ProcessId => int.Parse(File.ReadAllText(Path.Combine(DataDir, "kybernet.pid")).Split(' ')[0], null);

    public string Log => File.Exists(Path.Combine(DataDir, "log/kybernet.log")) ? File.ReadAllText(Path.Combine(DataDir, "log/kybernet.log")) : "";

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
