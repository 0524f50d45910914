using Kybernet.Api.Policy.V1;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Framework;

/// <summary>What plugins have to know of the cluster besides nodes and pods.</summary>
internal interface IClusterView
{
    /// <summary>The pods that belong together with one: those that its services and its owner select. Null for none.</summary>
    PodSelector? PeersOf(PodFacts pod);

    /// <summary>The labels of a namespace; empty where it is not known.</summary>
    IReadOnlyDictionary<string, string> NamespaceLabels(string name);

    /// <summary>All disruption budgets.</summary>
    IReadOnlyList<PodDisruptionBudget> DisruptionBudgets();

    /// <summary>What there is of storage.</summary>
    IVolumeView Volumes { get; }
}
