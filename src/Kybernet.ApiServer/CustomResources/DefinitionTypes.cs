using Kybernet.Api;
using Kybernet.Api.Apiextensions.V1;

namespace Kybernet.ApiServer.CustomResources;

/// <summary>The words that definitions of custom resources are written in, and the questions that are asked of them.</summary>
internal static class DefinitionTypes
{
    public const string Namespaced = "Namespaced";
    public const string Cluster = "Cluster";
    public const string NoConversion = "None";
    public const string WebhookConversion = "Webhook";
    public const string Established = "Established";
    public const string NamesAccepted = "NamesAccepted";
    public const string Terminating = "Terminating";
    public const string ApprovalCondition = "KubernetesAPIApprovalPolicyConformant";
    public const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";
    public const string ApprovalAnnotation = "api-approved.kubernetes.io";

    /// <summary>The resource of the definitions.</summary>
    public static GroupResource Resource { get; } = new("apiextensions.k8s.io", "customresourcedefinitions");

    /// <summary>Whether a condition holds.</summary>
    public static bool Is(this CustomResourceDefinition definition, string condition) =>
        definition.Status.Conditions.Any(item => item.Type == condition && item.Status == "True");

    /// <summary>Whether a group belongs to Kubernetes itself, so that its definitions need an approval (KEP-1111).</summary>
    public static bool IsProtected(string group) =>
        group is "k8s.io" or "kubernetes.io" || group.EndsWith(".k8s.io", StringComparison.Ordinal) || group.EndsWith(".kubernetes.io", StringComparison.Ordinal);
}
