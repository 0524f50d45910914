using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Policy.V1;
using Kybernet.Client;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Hosting;

/// <summary>What plugins have to know of the cluster besides nodes and pods, from informers.</summary>
internal sealed class InformedView(InformerFactory informers) : IClusterView
{
    private readonly IInformer<Service> _services = informers.Informer<Service>();
    private readonly IInformer<ReplicationController> _controllers = informers.Informer<ReplicationController>();
    private readonly IInformer<ReplicaSet> _replicaSets = informers.Informer<ReplicaSet>();
    private readonly IInformer<StatefulSet> _statefulSets = informers.Informer<StatefulSet>();
    private readonly IInformer<Namespace> _namespaces = informers.Informer<Namespace>();
    private readonly IInformer<PodDisruptionBudget> _budgets = informers.Informer<PodDisruptionBudget>();

    /// <summary>What there is of storage.</summary>
    public InformedVolumes Volumes { get; } = new(informers);

    IVolumeView IClusterView.Volumes => Volumes;

    /// <summary>Completes when all of it is known.</summary>
    public Task WaitForSyncAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _services.WaitForSyncAsync(cancellationToken),
        _controllers.WaitForSyncAsync(cancellationToken),
        _replicaSets.WaitForSyncAsync(cancellationToken),
        _statefulSets.WaitForSyncAsync(cancellationToken),
        _namespaces.WaitForSyncAsync(cancellationToken),
        _budgets.WaitForSyncAsync(cancellationToken),
        Volumes.WaitForSyncAsync(cancellationToken));

    public PodSelector? PeersOf(PodFacts pod)
    {
        PodSelector? peers = null;
        foreach (var service in _services.List(pod.Key.Namespace))
        {
            if (service.Spec.Selector.Count > 0 && PodSelector.OfLabels(service.Spec.Selector) is var selector && selector.Matches(pod.Labels))
            {
                peers = peers is null ? selector : peers.And(selector);
            }
        }
        foreach (var owner in pod.Pod.Metadata.OwnerReferences)
        {
            if (owner.Controller == true && SelectorOf(owner.ApiVersion, owner.Kind, new NamespacedName(pod.Key.Namespace, owner.Name)) is { } selector)
            {
                peers = peers is null ? selector : peers.And(selector);
            }
        }
        return peers is { IsEverything: false } ? peers : null;
    }

    public IReadOnlyDictionary<string, string> NamespaceLabels(string name) =>
        (_namespaces.Get(new NamespacedName("", name)) ?? Namespace.Empty).Metadata.Labels;

    public IReadOnlyList<PodDisruptionBudget> DisruptionBudgets() => _budgets.List();

    private PodSelector? SelectorOf(string apiVersion, string kind, NamespacedName owner) => (apiVersion, kind) switch
    {
        ("v1", "ReplicationController") => _controllers.Get(owner) is { Spec.Selector.Count: > 0 } controller ? PodSelector.OfLabels(controller.Spec.Selector) : null,
        ("apps/v1", "ReplicaSet") => PodSelector.Of(_replicaSets.Get(owner)?.Spec.Selector),
        ("apps/v1", "StatefulSet") => PodSelector.Of(_statefulSets.Get(owner)?.Spec.Selector),
        _ => null,
    };
}
