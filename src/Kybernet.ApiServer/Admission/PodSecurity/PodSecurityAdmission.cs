using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Storage;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Admission.PodSecurity;

/// <summary>Holds pods to what their namespace asks of them by the Pod Security Standards, and says early whose templates will make pods that are turned away.</summary>
internal sealed class PodSecurityAdmission(StoreFollower follower, PodSecurityConfiguration configuration, PodSecurityMetrics metrics, TimeProvider time) : AdmissionPlugin
{
    private const string AnnotationPrefix = "pod-security.kubernetes.io/";

    private static readonly GroupResource Namespaces = new("", "namespaces");

    private readonly IObjectFeed _namespaces = follower.Of(Namespaces);
    private readonly NamespacePods _pods = new(follower, configuration, time);

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        operation is AdmissionOperation.Create or AdmissionOperation.Update && (resource.Group, resource.Resource) switch
        {
            // Whatever else of a pod can be written, now or one day, is looked at.
            ("", "pods") => subresource is not ("exec" or "attach" or "binding" or "eviction" or "log" or "portforward" or "proxy" or "status"),
            ("", "namespaces" or "replicationcontrollers" or "podtemplates") => subresource.Length == 0,
            ("apps", "replicasets" or "deployments" or "statefulsets" or "daemonsets") => subresource.Length == 0,
            ("batch", "jobs" or "cronjobs") => subresource.Length == 0,
            _ => false,
        };

    /// <inheritdoc/>
    protected override void Validate(AdmissionRequest request)
    {
        if (request.Resource.GroupResource == Namespaces)
        {
            ValidateNamespace(request);
            return;
        }
        if (IsExempt(request))
        {
            return;
        }
        var errors = new FieldErrors();
        var isPod = request.Resource.Resource == "pods";
        var policy = PolicyOf(request, isPod, errors);
        if (errors.IsEmpty && (isPod ? policy.IsPrivileged : policy.IsSilent))
        {
            if (isPod)
            {
                metrics.CountEvaluation(request, "enforce", policy.Enforce, isAllowed: true);
                Annotate(request, "enforce-policy", policy.Enforce.ToString());
            }
            return;
        }
        if (PodOf(request) is { } pod)
        {
            Judge(request, pod, policy, errors, isPod);
        }
    }

    private void ValidateNamespace(AdmissionRequest request)
    {
        var labels = ModelJson.Parse<Namespace>(request.Object!).Metadata.Labels;
        var errors = new FieldErrors();
        var policy = NamespacePolicy.Of(labels, configuration.Defaults, errors);
        var oldErrors = new FieldErrors();
        var old = request.Previous is { } previous ? NamespacePolicy.Of(previous.Header.Labels, configuration.Defaults, oldErrors) : null;
        if (!errors.IsEmpty && !errors.Items.SequenceEqual(oldErrors.Items))
        {
            throw ApiError.Invalid(request.Kind, request.Name, errors.Items);
        }
        if (old is not null && !IsStricter(policy.Enforce, old.Enforce))
        {
            return;
        }
        if (configuration.ExemptNamespaces.Contains(request.Name))
        {
            WarnOfExemption(request, labels, policy);
        }
        else if (old is not null)
        {
            request.Warnings.AddRange(_pods.Warnings(request.Name, policy.Enforce));
        }
    }

    private static bool IsStricter(LevelVersion policy, LevelVersion old) =>
        policy.Level != PodSecurityLevel.Privileged && (policy.Version != old.Version || policy.Level > old.Level);

    private void WarnOfExemption(AdmissionRequest request, IReadOnlyDictionary<string, string> labels, NamespacePolicy policy)
    {
        if (policy.IsPrivileged || policy == configuration.Defaults)
        {
            return;
        }
        var ignored = policy.Modes
            .Where(mode => mode.Policy.Level != PodSecurityLevel.Privileged && NamespacePolicy.IsSet(labels, mode.Mode))
            .Select(static mode => $"{mode.Mode}={mode.Policy}");
        request.Warnings.Add($"namespace \"{request.Name}\" is exempt from Pod Security, and the policy ({string.Join(", ", ignored)}) will be ignored");
    }

    private bool IsExempt(AdmissionRequest request)
    {
        var why = configuration.ExemptNamespaces.Contains(request.Namespace) ? "namespace" : configuration.ExemptUsers.Contains(request.User.Name) ? "user" : null;
        return why is not null && Exempt(request, why);
    }

    private bool Exempt(AdmissionRequest request, string why)
    {
        metrics.CountExemption(request);
        Annotate(request, "exempt", why);
        return true;
    }

    private NamespacePolicy PolicyOf(AdmissionRequest request, bool isPod, FieldErrors errors)
    {
        if (_namespaces.Find("", request.Namespace) is { } home)
        {
            return NamespacePolicy.Of(home.Header.Labels, configuration.Defaults, errors);
        }
        metrics.CountError(request, isFatal: true);
        return isPod ? throw ApiError.Internal($"failed to lookup namespace \"{request.Namespace}\"") : NamespacePolicy.Privileged;
    }

    /// <summary>The pod to judge, or the template of those that will be made; null where there is none, or nothing of it changes that matters.</summary>
    private static CheckedPod? PodOf(AdmissionRequest request)
    {
        var item = request.Object!;
        if (request.Resource.Resource == "pods")
        {
            var pod = ModelJson.Parse<Pod>(item);
            return request.Previous is { } previous && !SignificantUpdate.Is(pod, previous.As<Pod>()) ? null : new CheckedPod(pod.Metadata, pod.Spec);
        }
        var template = request.Resource.Resource switch
        {
            "podtemplates" => item["template"],
            "cronjobs" => item["spec"]?["jobTemplate"]?["spec"]?["template"],
            _ => item["spec"]?["template"],
        };
        return template is JsonObject found && ModelJson.Parse<PodTemplateSpec>(found) is var parsed ? new CheckedPod(parsed.Metadata, parsed.Spec) : null;
    }

    private void Judge(AdmissionRequest request, CheckedPod pod, NamespacePolicy policy, FieldErrors errors, bool enforces)
    {
        if (pod.Spec.RuntimeClassName is { Length: > 0 } runtimeClass && configuration.ExemptRuntimeClasses.Contains(runtimeClass))
        {
            Exempt(request, "runtimeClass");
            return;
        }
        if (!errors.IsEmpty)
        {
            metrics.CountError(request, isFatal: false);
            Annotate(request, "error", $"Failed to parse policy: {(errors.Items.Count == 1 ? errors.Items[0].ToString() : $"[{string.Join(", ", errors.Items)}]")}");
        }
        ApiError? refusal = null;
        if (enforces)
        {
            Annotate(request, "enforce-policy", policy.Enforce.ToString());
            var failures = PodSecurityStandards.Evaluate(policy.Enforce, pod);
            metrics.CountEvaluation(request, "enforce", policy.Enforce, failures.Count == 0);
            refusal = failures.Count == 0 ? null : ApiError.Forbidden(request.Resource.GroupResource, request.Name, $"violates PodSecurity \"{policy.Enforce}\": {CheckFailure.Describe(failures)}");
        }
        if (Violations(request, pod, policy.Audit, "audit") is { } noted)
        {
            Annotate(request, "audit-violations", noted);
        }
        if (refusal is not null)
        {
            throw refusal;
        }
        if (Violations(request, pod, policy.Warn, "warn") is { } warning)
        {
            request.Warnings.Add(warning);
        }
    }

    private string? Violations(AdmissionRequest request, CheckedPod pod, LevelVersion policy, string mode)
    {
        var failures = PodSecurityStandards.Evaluate(policy, pod);
        if (failures.Count == 0)
        {
            return null;
        }
        metrics.CountEvaluation(request, mode, policy, isAllowed: false);
        return $"would violate PodSecurity \"{policy}\": {CheckFailure.Describe(failures)}";
    }

    private static void Annotate(AdmissionRequest request, string key, string value) => request.AuditAnnotations?.Add(AnnotationPrefix + key, value);
}
