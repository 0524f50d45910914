using Kybernet.Client;
using Kybernet.Cluster.Hosting;
using Kybernet.Network.Processes;
using Kybernet.Network.Services;
using Microsoft.Extensions.Logging;

namespace Kybernet.Cluster.ServiceProxy;

/// <summary>Runs a node's service proxy alone, against any API server.</summary>
/// <param name="settings">What it was told.</param>
/// <param name="log">Where it logs to.</param>
/// <param name="time">The clock.</param>
public sealed class ProxyRunner(ProxySettings settings, TextWriter log, TimeProvider time)
{
    private const string AccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Runs until the token fires. What it wrote into the kernel stays, so that pods go on reaching Services.</summary>
    /// <exception cref="ClusterException">It was told something that cannot be.</exception>
    /// <exception cref="IOException">A port is taken.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var options = settings.ToOptions();
        using var logging = new LineLoggerProvider(log, LogLevel.Information, time);
        using var loggers = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Information).AddProvider(logging));
        await using var transport = new HttpTransport(Connection(), time);
        try
        {
            await new ServiceProxyHost(new ApiClient(transport), options, time, loggers).RunAsync(cancellationToken);
        }
        catch (NetworkToolException exception)
        {
            throw new ClusterException($"the kernel's rules cannot be written: {exception.Message}", exception) { Hint = "It needs root, nft and conntrack." };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // asked to end
        }
    }

    private ConnectionSettings Connection()
    {
        var connection = settings.Kubeconfig.Length > 0
            ? Client.Kubeconfig.Load(settings.Kubeconfig).Connection()
            : Client.Kubeconfig.InCluster(AccountDirectory)
                ?? (settings.Master.Length > 0 ? new ConnectionSettings(new Uri(settings.Master)) : null)
                ?? throw new ClusterException("there is no API server to follow") { Hint = "Name one: --kubeconfig FILE" };
        return settings.Master.Length > 0 ? connection with { Server = new Uri(settings.Master) } : connection;
    }
}
