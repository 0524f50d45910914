using System.Collections.Concurrent;
using System.Net;
using Kybernet.Api.Core.V1;

namespace Kybernet.Testing.Nodes;

/// <summary>The hollow nodes of a cluster, and the way that the API server takes to their kubelets: it asks here instead of over a network.</summary>
internal sealed class HollowKubelets : HttpMessageHandler
{
    private readonly ConcurrentDictionary<string, HollowNodeOptions> _nodes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _byAddress = new(StringComparer.Ordinal);

    /// <summary>Looks a pod up, by namespace and name; set once there is a cache of them.</summary>
    public Func<string, string, Pod?> Pods { get; set; } = static (_, _) => null;

    /// <summary>The node of a name; null where it is none of these.</summary>
    public HollowNodeOptions? Find(string name) => _nodes.GetValueOrDefault(name);

    /// <summary>Adds a node.</summary>
    /// <returns>The address that it is known by. Nothing is there.</returns>
    /// <exception cref="ArgumentException">There is one of that name.</exception>
    public string Add(HollowNodeOptions node)
    {
        if (!_nodes.TryAdd(node.Name, node))
        {
            throw new ArgumentException($"there is a node {node.Name} already", nameof(node));
        }
        var number = _nodes.Count;
        var address = $"10.{(number >> 16) & 255}.{(number >> 8) & 255}.{number & 255}";
        _byAddress[address] = node.Name;
        return address;
    }

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var target = request.RequestUri!;
        if (target.AbsolutePath.Split('/') is not ["", "containerLogs", var space, var name, var container])
        {
            return Task.FromResult(Answer(HttpStatusCode.BadRequest, "a hollow node answers for logs only: its containers do not exist"));
        }
        if (Pods(space, name) is not { } pod || !_byAddress.TryGetValue(target.Host, out var node) || pod.Spec.NodeName != node)
        {
            return Task.FromResult(Answer(HttpStatusCode.NotFound, $"pod {name} is not on this node"));
        }
        var logs = _nodes[node].Pods(HollowPods.ToClientModel(pod)).Logs(container);
        return Task.FromResult(Answer(HttpStatusCode.OK, LogSelection.Of(target).Apply(logs)));
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, string text) => new(status) { Content = new StringContent(text) };
}
