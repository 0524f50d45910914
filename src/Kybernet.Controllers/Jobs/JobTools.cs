using Kybernet.Client;

namespace Kybernet.Controllers.Jobs;

/// <summary>What Jobs are worked on with.</summary>
internal sealed record JobTools(
    ApiClient Client, PodControl Control, Expectations Expectations, ReleasedPods Released, JobBackoff Backoff, IEventRecorder Events, TimeProvider Time);
