using Kybernet.Api.Policy.V1;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Tests;

/// <summary>A cluster in which pods with the same label <c>app</c> belong together.</summary>
internal sealed class FakeView : IClusterView
{
    public Dictionary<string, IReadOnlyDictionary<string, string>> Namespaces { get; } = [];

    public List<PodDisruptionBudget> Budgets { get; } = [];

    public FakeVolumes Volumes { get; } = new();

    IVolumeView IClusterView.Volumes => Volumes;

    public PodSelector? PeersOf(PodFacts pod) =>
        pod.Labels.TryGetValue("app", out var app) ? PodSelector.OfLabels(new Dictionary<string, string> { ["app"] = app }) : null;

    public IReadOnlyDictionary<string, string> NamespaceLabels(string name) => Namespaces.GetValueOrDefault(name) ?? new Dictionary<string, string>();

    public IReadOnlyList<PodDisruptionBudget> DisruptionBudgets() => Budgets;
}
