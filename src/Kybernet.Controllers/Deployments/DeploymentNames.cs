namespace Kybernet.Controllers.Deployments;

/// <summary>The labels and annotations that a Deployment and its ReplicaSets tell each other by.</summary>
internal static class DeploymentNames
{
    public const string PodTemplateHash = "pod-template-hash";
    public const string Revision = "deployment.kubernetes.io/revision";
    public const string RevisionHistory = "deployment.kubernetes.io/revision-history";
    public const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    public const string MaxReplicas = "deployment.kubernetes.io/max-replicas";
    public const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";
    public const string RollbackTo = "deprecated.deployment.rollback.to";

    public const string Available = "Available";
    public const string Progressing = "Progressing";
    public const string ReplicaFailure = "ReplicaFailure";

    public const string PausedReason = "DeploymentPaused";
    public const string ResumedReason = "DeploymentResumed";
    public const string FoundReplicaSetReason = "FoundNewReplicaSet";
    public const string NewReplicaSetReason = "NewReplicaSetCreated";
    public const string FailedCreateReason = "ReplicaSetCreateError";
    public const string ReplicaSetUpdatedReason = "ReplicaSetUpdated";
    public const string NewReplicaSetAvailableReason = "NewReplicaSetAvailable";
    public const string TimedOutReason = "ProgressDeadlineExceeded";
}
