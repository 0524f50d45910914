namespace Kybernet.Controllers.Jobs;

/// <summary>The labels, annotations, conditions, reasons and values of Jobs.</summary>
internal static class JobNames
{
    /// <summary>Holds a pod until it has been counted.</summary>
    public const string TrackingFinalizer = "batch.kubernetes.io/job-tracking";

    /// <summary>Annotation and label of a pod of an indexed job.</summary>
    public const string CompletionIndex = "batch.kubernetes.io/job-completion-index";

    public const string IndexFailureCount = "batch.kubernetes.io/job-index-failure-count";
    public const string IndexIgnoredFailureCount = "batch.kubernetes.io/job-index-ignored-failure-count";
    public const string IndexVariable = "JOB_COMPLETION_INDEX";

    /// <summary>What <c>managedBy</c> says of a job that is for this controller; the same as nothing.</summary>
    public const string ControllerName = "kubernetes.io/job-controller";

    public const string Complete = "Complete";
    public const string Failed = "Failed";
    public const string FailureTarget = "FailureTarget";
    public const string SuccessCriteriaMet = "SuccessCriteriaMet";
    public const string Suspended = "Suspended";
}
