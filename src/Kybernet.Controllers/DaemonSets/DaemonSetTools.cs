using Kybernet.Client;

namespace Kybernet.Controllers.DaemonSets;

/// <summary>What a rollout works with.</summary>
internal sealed record DaemonSetTools(ApiClient Client, PodControl Control, Expectations Expectations, FailureBackoff Backoff, IEventRecorder Events, TimeProvider Time);
