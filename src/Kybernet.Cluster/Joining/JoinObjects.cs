using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Rbac.V1;
using Kybernet.Client;
using Kybernet.Cluster.Node;

namespace Kybernet.Cluster.Joining;

/// <summary>
/// What has to be in a cluster for other machines to join it: the address and authority that anybody may read, what joining nodes and nodes may do, and what
/// they have to know of the network. The names of what kubeadm makes too are kubeadm's.
/// </summary>
internal sealed class JoinObjects(ApiClient client)
{
    private const string RbacGroup = "rbac.authorization.k8s.io";
    private const string Joining = "system:bootstrappers:kubeadm:default-node-token";
    private const string Nodes = "system:nodes";
    private const string NodeNetwork = "kybernet:node-network";

    /// <summary>Makes what is missing, and brings up to date what this start knows better. Roles and bindings may have been changed on purpose, and are kept.</summary>
    /// <exception cref="ApiException">The API server refuses.</exception>
    public async Task EnsureAsync(Uri server, string authorityPem, ClusterNetwork network, CancellationToken cancellationToken)
    {
        await KeepDataAsync(ClusterInfo(server, authorityPem), cancellationToken);
        await KeepDataAsync(network.ToConfigMap(), cancellationToken);
        foreach (var binding in ClusterBindings())
        {
            await CreateAsync(binding, cancellationToken);
        }
        await CreateAsync(NodeNetworkRole(), cancellationToken);
        await CreateAsync(ReaderOf("kube-public", "kubeadm:bootstrap-signer-clusterinfo", "cluster-info"), cancellationToken);
        await CreateAsync(BindingOf("kube-public", "kubeadm:bootstrap-signer-clusterinfo", new Subject { Kind = "User", ApiGroup = RbacGroup, Name = "system:anonymous" }), cancellationToken);
        await CreateAsync(ReaderOf(ClusterNetwork.MapNamespace, "kybernet:network", ClusterNetwork.MapName), cancellationToken);
        await CreateAsync(BindingOf(ClusterNetwork.MapNamespace, "kybernet:network", Group(Joining), Group(Nodes)), cancellationToken);
    }

    /// <summary>The ConfigMap that a machine with a token reads first: a kubeconfig without a user.</summary>
    private static ConfigMap ClusterInfo(Uri server, string authorityPem) => new()
    {
        Metadata = new ObjectMeta { Namespace = "kube-public", Name = "cluster-info" },
        Data = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["kubeconfig"] =
                $"""
                apiVersion: v1
                clusters:
                - cluster:
                    certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(authorityPem))}
                    server: {server.GetLeftPart(UriPartial.Authority)}
                  name: ""
                contexts: null
                current-context: ""
                kind: Config
                preferences: {"{}"}
                users: null

                """,
        },
    };

    private static IEnumerable<ClusterRoleBinding> ClusterBindings() =>
    [
        ClusterBinding("kubeadm:kubelet-bootstrap", "system:node-bootstrapper", Joining),
        ClusterBinding("kubeadm:node-autoapprove-bootstrap", "system:certificates.k8s.io:certificatesigningrequests:nodeclient", Joining),
        ClusterBinding("kubeadm:node-autoapprove-certificate-rotation", "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient", Nodes),
        ClusterBinding(NodeNetwork, NodeNetwork, Nodes),
    ];

    /// <summary>What the network of a node has to see: it runs as the node itself.</summary>
    private static ClusterRole NodeNetworkRole() => new()
    {
        Metadata = new ObjectMeta { Name = NodeNetwork },
        Rules =
        [
            Rule("", ["namespaces", "nodes", "pods", "services"], "get", "list", "watch"),
            Rule("discovery.k8s.io", ["endpointslices"], "get", "list", "watch"),
            Rule("networking.k8s.io", ["networkpolicies", "servicecidrs"], "get", "list", "watch"),
            Rule("", ["events"], "create", "patch", "update"),
            Rule("events.k8s.io", ["events"], "create", "patch", "update"),
        ],
    };

    private static PolicyRule Rule(string group, IReadOnlyList<string> resources, params IReadOnlyList<string> verbs) =>
        new() { ApiGroups = [group], Resources = resources, Verbs = verbs };

    private static ClusterRoleBinding ClusterBinding(string name, string role, string group) => new()
    {
        Metadata = new ObjectMeta { Name = name },
        RoleRef = new RoleRef { ApiGroup = RbacGroup, Kind = "ClusterRole", Name = role },
        Subjects = [Group(group)],
    };

    private static Role ReaderOf(string @namespace, string name, string map) => new()
    {
        Metadata = new ObjectMeta { Namespace = @namespace, Name = name },
        Rules = [Rule("", ["configmaps"], "get") with { ResourceNames = [map] }],
    };

    private static RoleBinding BindingOf(string @namespace, string role, params IReadOnlyList<Subject> subjects) => new()
    {
        Metadata = new ObjectMeta { Namespace = @namespace, Name = role },
        RoleRef = new RoleRef { ApiGroup = RbacGroup, Kind = "Role", Name = role },
        Subjects = subjects,
    };

    private static Subject Group(string name) => new() { Kind = "Group", ApiGroup = RbacGroup, Name = name };

    private async Task<bool> CreateAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IResourceObject<T>
    {
        try
        {
            await client.CreateAsync(item, cancellationToken);
            return true;
        }
        catch (ApiException exception) when (exception.IsAlreadyExists)
        {
            return false;
        }
    }

    /// <summary>Makes a ConfigMap, or sets its entries in the one that is there, whose other entries stay: the signatures of cluster-info.</summary>
    private async Task KeepDataAsync(ConfigMap map, CancellationToken cancellationToken)
    {
        if (await CreateAsync(map, cancellationToken))
        {
            return;
        }
        var data = new JsonObject();
        foreach (var (key, value) in map.Data)
        {
            data[key] = JsonValue.Create(value);
        }
        await client.PatchAsync<ConfigMap>(
            map.Metadata.Namespace!, map.Metadata.Name!, "", Patch.Merge(new JsonObject { ["data"] = data }), cancellationToken);
    }
}
