using System.Collections.Frozen;
using Kybernet.Api;
using Kybernet.ApiServer.Resources.Core;

namespace Kybernet.ApiServer.Resources;

/// <summary>Which strategy a resource has. Custom resources, and kinds that have nothing particular to them, share a <see cref="DefaultStrategy"/>.</summary>
public sealed class StrategyRegistry
{
    private readonly DefaultStrategy _default = new();

    private readonly FrozenDictionary<GroupResource, ResourceStrategy> _strategies = new Dictionary<GroupResource, ResourceStrategy>
    {
        [new("", "configmaps")] = new ConfigMapStrategy(),
        [new("", "pods")] = new PodStrategy(),
    }.ToFrozenDictionary();

    /// <summary>The strategy of a resource; never null.</summary>
    public ResourceStrategy For(GroupResource resource) => _strategies.GetValueOrDefault(resource, _default);
}
