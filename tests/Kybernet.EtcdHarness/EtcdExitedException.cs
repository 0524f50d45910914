namespace Kybernet.EtcdHarness;

/// <summary>Thrown when an etcd ends by itself as it starts.</summary>
internal sealed class EtcdExitedException(string log) : Exception($"etcd has ended: {log}");
