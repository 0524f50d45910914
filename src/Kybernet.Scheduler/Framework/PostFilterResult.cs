namespace Kybernet.Scheduler.Framework;

/// <summary>What came of making room for a pod that fits nowhere.</summary>
/// <param name="Status">Success where room is being made.</param>
/// <param name="NominatedNode">The node where it is made; empty to take an earlier nomination back; null to leave it as it is.</param>
public readonly record struct PostFilterResult(PluginStatus Status, string? NominatedNode);
