using Kybernet.Client;

namespace Kybernet.Controllers.Deployments;

/// <summary>What a rollout works with.</summary>
internal sealed record DeploymentTools(ApiClient Client, IEventRecorder Events, TimeProvider Time);
