namespace Kybernet.Kubelet;

/// <summary>How long pods of a priority may take to end when the machine is shut down.</summary>
/// <param name="Priority">The lowest priority that it is about.</param>
/// <param name="Grace">How long they may take, before it is the next ones' turn.</param>
public readonly record struct ShutdownPeriod(int Priority, TimeSpan Grace);
