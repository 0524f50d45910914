using System.Net;
using System.Security.Cryptography.X509Certificates;
using Kybernet.ApiServer.Authentication;
using Kybernet.Client;
using Kybernet.Cluster.Images;
using Kybernet.Cluster.Node;
using Kybernet.Kubelet;
using Kybernet.Network.Overlay;
using Kybernet.Network.Policies;
using Kybernet.Network.Services;
using Microsoft.Extensions.Logging;

namespace Kybernet.Cluster.Hosting;

/// <summary>What a machine has to know to be a node.</summary>
/// <param name="Data">Where everything of it is.</param>
/// <param name="NodeName">The node's name.</param>
/// <param name="NodeIP">The address that the others know it by.</param>
/// <param name="KubeletPort">The port of the kubelet's own API.</param>
/// <param name="Network">The cluster's network.</param>
internal sealed record NodeSettings(DataDirectory Data, string NodeName, string NodeIP, int KubeletPort, ClusterNetwork Network)
{
    /// <summary>The node's part of the pods' addresses, where it has not to be given one; empty otherwise.</summary>
    public string PodCidr { get; init; } = "";

    /// <summary>Labels for the Node.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Gives what the kubelet's own API shows.</summary>
    public required Func<X509Certificate2> ServingCertificate { get; init; }

    /// <summary>The authority of whoever may call it.</summary>
    public required X509Certificate2 ClientAuthority { get; init; }
}

/// <summary>
/// The components of a node, wherever its API server is: in this process, where each is a user of its own, or elsewhere, where all are the node.
/// </summary>
internal sealed class NodeComponents(NodeSettings node, Func<UserInfo, IApiTransport> connect, TimeProvider time, ILoggerFactory loggers)
{
    /// <summary>Null where another CNI plugin has taken the network's place: policies are its business then.</summary>
    private readonly NetworkPolicyHost? _policies =
        node.Network.Mode is null ? null : new NetworkPolicyHost(PodNetwork.PolicyOptions(node.Data, node.NodeName), time, loggers);

    /// <summary>Starts them, each to be started again when it fails.</summary>
    /// <returns>A task each, that ends when the token fires.</returns>
    public IEnumerable<Task> Start(CancellationToken cancellationToken)
    {
        yield return Supervise("kubelet", RunKubeletAsync, cancellationToken);
        yield return Supervise("service proxy", RunServiceProxyAsync, cancellationToken);
        if (node.Network.Mode is not null)
        {
            yield return Supervise("pod network", RunOverlayAsync, cancellationToken);
        }
        if (_policies is not null)
        {
            yield return Supervise("network policies", token => RunPoliciesAsync(_policies, token), cancellationToken);
        }
    }

    /// <summary>Waits until the node is Ready.</summary>
    public async Task WaitUntilReadyAsync(UserInfo asking, CancellationToken cancellationToken)
    {
        await using var transport = connect(asking);
        var client = new ApiClient(transport);
        while (true)
        {
            var found = await client.FindAsync<Api.Core.V1.Node>("", node.NodeName, cancellationToken);
            if (found?.Status.Conditions.Any(static condition => condition is { Type: "Ready", Status: "True" }) == true)
            {
                return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
        }
    }

    private Task Supervise(string name, Func<CancellationToken, Task> run, CancellationToken cancellationToken) =>
        new ComponentSupervisor(name, run, time, loggers.CreateLogger<ComponentSupervisor>()).RunAsync(cancellationToken);

    private async Task RunKubeletAsync(CancellationToken cancellationToken)
    {
        await using var transport = connect(UserInfo.Kubelet(node.NodeName));
        var options = new KubeletOptions
        {
            NodeName = node.NodeName,
            NodeIP = node.NodeIP,
            RootDirectory = node.Data.Kubelet,
            RuntimeEndpoint = "unix://" + node.Data.ContainerdSocket,
            Port = node.KubeletPort,
            ServerCertificate = node.ServingCertificate,
            ClientAuthority = node.ClientAuthority,
            PodCidr = node.PodCidr,
            AdmitToNetwork = _policies is null ? null : _policies.AdmitAsync,
            ClusterDns = [node.Network.DnsAddress.ToString()],
            ClusterDomain = ClusterNetwork.Domain,
            CgroupRoot = node.Data.CgroupRoot,
            NodeLabels = node.Labels,
            // Nobody else has them: once removed they could not be pulled again.
            PinnedImages = BuiltInImages.Names.ToHashSet(StringComparer.Ordinal),
        };
        await new KubeletHost(new ApiClient(transport), options, time, loggers).RunAsync(cancellationToken);
    }

    private async Task RunPoliciesAsync(NetworkPolicyHost policies, CancellationToken cancellationToken)
    {
        await using var transport = connect(ComponentUsers.NetworkPolicies);
        await policies.RunAsync(new ApiClient(transport), cancellationToken);
    }

    private async Task RunOverlayAsync(CancellationToken cancellationToken)
    {
        await using var transport = connect(ComponentUsers.ServiceProxy);
        var options = new OverlayOptions
        {
            NodeName = node.NodeName,
            NodeIP = node.NodeIP,
            Device = PodNetwork.OverlayName(node.Data),
            Mode = node.Network.Mode!.Value,
            NetworkIdentifier = node.Network.Identifier,
        };
        await new OverlayHost(new ApiClient(transport), options, time, loggers).RunAsync(cancellationToken);
    }

    private async Task RunServiceProxyAsync(CancellationToken cancellationToken)
    {
        await using var transport = connect(ComponentUsers.ServiceProxy);
        var options = new ServiceProxyOptions
        {
            NodeName = node.NodeName,
            Table = PodNetwork.ServiceTableName(node.Data),
            ClusterCidrs = node.Network.Mode is null ? [] : [IPNetwork.Parse(node.Network.PodCidr)],
        };
        await new ServiceProxyHost(new ApiClient(transport), options, time, loggers).RunAsync(cancellationToken);
    }
}
