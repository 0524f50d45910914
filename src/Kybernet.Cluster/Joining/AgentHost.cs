using System.Net;
using System.Security.Cryptography.X509Certificates;
using Kybernet.ApiServer.Authentication;
using Kybernet.Client;
using Kybernet.Cluster.Hosting;
using Kybernet.Cluster.Node;
using Kybernet.Kubelet.Certificates;
using Microsoft.Extensions.Logging;

namespace Kybernet.Cluster.Joining;

/// <summary>The components of a joined node, and the renewal of its certificates.</summary>
internal sealed partial class AgentHost(
    DataDirectory data,
    AgentSettings settings,
    ManagedCertificate certificate,
    IReadOnlyList<string> labels,
    IStepReporter steps,
    ILoggerFactory loggers,
    TimeProvider time)
{
    private readonly ILogger _logger = loggers.CreateLogger<AgentHost>();

    /// <summary>Runs everything until the token fires.</summary>
    public async Task RunAsync(Action ready, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await new NodeRuntime(data, settings.Network, steps, time).StartAsync(stopping.Token);
        using var serving = new ServingCertificate(settings.NodeName, data.KubeletServingCertificate, time, loggers.CreateLogger<ServingCertificate>());
        var node = new NodeComponents(NodeSettings(serving), Connect, time, loggers);
        var components = new List<Task>(node.Start(stopping.Token))
        {
            Supervise("certificates", token => RenewAsync(serving, token), stopping.Token),
        };
        try
        {
            await steps.RunAsync(time, "node", async () =>
            {
                await node.WaitUntilReadyAsync(UserInfo.Kubelet(settings.NodeName), stopping.Token);
                return $"{settings.NodeName} is Ready";
            });
            ready();
            LogReady(settings.NodeName, settings.Server);
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogStopping();
        }
        finally
        {
            await stopping.CancelAsync();
            await Task.WhenAll(components);
        }
    }

    /// <summary>All components of a joined node are the node to the API server.</summary>
    private HttpTransport Connect(UserInfo component) => new(Client.Kubeconfig.Load(data.KubeletKubeconfig).Connection(), time);

    private async Task RenewAsync(ServingCertificate serving, CancellationToken cancellationToken)
    {
        await using var transport = Connect(UserInfo.Kubelet(settings.NodeName));
        var client = new ApiClient(transport);
        var wish = CertificateWish.Client(settings.NodeName);
        await Task.WhenAll(
            certificate.RunAsync(client, _ => Task.FromResult<CertificateWish?>(wish), cancellationToken),
            serving.RunAsync(client, cancellationToken));
    }

    private NodeSettings NodeSettings(ServingCertificate serving)
    {
        var destination = IPAddress.TryParse(settings.Server.Host, out var address) ? address : Dns.GetHostAddresses(settings.Server.Host)[0];
        return new NodeSettings(data, settings.NodeName, HostNetwork.NodeAddress(destination).ToString(), settings.KubeletPort, settings.Network)
        {
            Labels = labels.Select(static label => label.Split('=', 2)).ToDictionary(static parts => parts[0], static parts => parts[1], StringComparer.Ordinal),
            ServingCertificate = () => serving.Current,
            ClientAuthority = X509Certificate2.CreateFromPem(settings.Authority),
        };
    }

    private Task Supervise(string name, Func<CancellationToken, Task> run, CancellationToken cancellationToken) =>
        new ComponentSupervisor(name, run, time, loggers.CreateLogger<ComponentSupervisor>()).RunAsync(cancellationToken);

    [LoggerMessage(LogLevel.Information, "The node {Node} of {Server} is up")]
    private partial void LogReady(string node, Uri server);

    [LoggerMessage(LogLevel.Information, "Stopping")]
    private partial void LogStopping();
}
