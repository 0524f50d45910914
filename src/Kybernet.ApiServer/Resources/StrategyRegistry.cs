using System.Collections.Frozen;
using Kybernet.Api;
using Kybernet.ApiServer.Resources.Apps;
using Kybernet.ApiServer.Resources.Coordination;
using Kybernet.ApiServer.Resources.Core;
using Kybernet.ApiServer.Resources.Events;
using Kybernet.ApiServer.Resources.Rbac;

namespace Kybernet.ApiServer.Resources;

/// <summary>Which strategy a resource has. Custom resources, and kinds that have nothing particular to them, share a <see cref="DefaultStrategy"/>.</summary>
public sealed class StrategyRegistry
{
    private const string AppsGroup = "apps";
    private const string RbacGroup = "rbac.authorization.k8s.io";

    private readonly DefaultStrategy _default = new();

    private readonly FrozenDictionary<GroupResource, ResourceStrategy> _strategies = new Dictionary<GroupResource, ResourceStrategy>
    {
        [new("", "configmaps")] = new ConfigMapStrategy(),
        [new("", "events")] = new EventStrategy(),
        [new("", "namespaces")] = new NamespaceStrategy(),
        [new("", "nodes")] = new NodeStrategy(),
        [new("", "pods")] = new PodStrategy(),
        [new("", "secrets")] = new SecretStrategy(),
        [new("", "serviceaccounts")] = new ServiceAccountStrategy(),
        [new("", "services")] = new ServiceStrategy(),
        [new(AppsGroup, "deployments")] = new DeploymentStrategy(),
        [new(AppsGroup, "replicasets")] = new ReplicaSetStrategy(),
        [new("coordination.k8s.io", "leases")] = new LeaseStrategy(),
        [new("events.k8s.io", "events")] = new EventStrategy(),
        [new(RbacGroup, "clusterrolebindings")] = new ClusterRoleBindingStrategy(),
        [new(RbacGroup, "clusterroles")] = new ClusterRoleStrategy(),
        [new(RbacGroup, "rolebindings")] = new RoleBindingStrategy(),
        [new(RbacGroup, "roles")] = new RoleStrategy(),
    }.ToFrozenDictionary();

    /// <summary>The strategy of a resource; never null.</summary>
    public ResourceStrategy For(GroupResource resource) => _strategies.GetValueOrDefault(resource, _default);
}
