using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Admission;

/// <summary>Gives every pod a ServiceAccount, the account's pull secrets, and, unless either says no, a volume with a token for the API.</summary>
internal sealed class ServiceAccountAdmission(IObjectFeeds feeds) : AdmissionPlugin
{
    private const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string MirrorAnnotation = "kubernetes.io/config.mirror";
    private const string NameAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    private readonly IObjectFeed _accounts = feeds.Of(new GroupResource("", "serviceaccounts"));

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        operation == AdmissionOperation.Create && resource is { Group: "", Resource: "pods" } && subresource.Length == 0;

    /// <inheritdoc/>
    protected override void Mutate(AdmissionRequest request)
    {
        if (request.Object?["spec"] is not JsonObject spec || request.Object["metadata"]?["annotations"]?[MirrorAnnotation] is not null)
        {
            return;
        }
        var name = (string?)spec["serviceAccountName"] is { Length: > 0 } given ? given : "default";
        spec["serviceAccountName"] = name;
        spec["serviceAccount"] = name;
        request.IsChanged = true;
        var account = _accounts.Find(request.Namespace, name)?.As<ServiceAccount>() ?? throw ApiError.Forbidden(
            request.Resource.GroupResource,
            request.Name,
            $"error looking up service account {request.Namespace}/{name}: serviceaccount \"{name}\" not found");
        if (((bool?)spec["automountServiceAccountToken"] ?? account.AutomountServiceAccountToken) != false)
        {
            MountToken(spec);
        }
        if (spec["imagePullSecrets"] is not JsonArray { Count: > 0 } && account.ImagePullSecrets.Count > 0)
        {
            spec["imagePullSecrets"] = new JsonArray(
                account.ImagePullSecrets.Select(secret => (JsonNode)new JsonObject { ["name"] = secret.Name }).ToArray());
        }
    }

    private static void MountToken(JsonObject spec)
    {
        var name = $"kube-api-access-{RandomNumberGenerator.GetString(NameAlphabet, 5)}";
        var mounted = false;
        foreach (var list in (ReadOnlySpan<string>)["initContainers", "containers"])
        {
            foreach (var container in spec[list] as JsonArray ?? [])
            {
                mounted |= container is JsonObject item && Mount(item, name);
            }
        }
        if (!mounted)
        {
            return;
        }
        var volumes = spec["volumes"] as JsonArray ?? [];
        volumes.Add((JsonNode)TokenVolume(name));
        spec["volumes"] = volumes;
    }

    /// <summary>A container that mounts something there itself keeps that.</summary>
    private static bool Mount(JsonObject container, string volume)
    {
        var mounts = container["volumeMounts"] as JsonArray ?? [];
        if (mounts.Any(mount => (string?)mount?["mountPath"] == MountPath))
        {
            return false;
        }
        mounts.Add((JsonNode)new JsonObject { ["name"] = volume, ["readOnly"] = true, ["mountPath"] = MountPath });
        container["volumeMounts"] = mounts;
        return true;
    }

    private static JsonObject TokenVolume(string name) => new()
    {
        ["name"] = name,
        ["projected"] = new JsonObject
        {
            ["defaultMode"] = 420,
            ["sources"] = new JsonArray(
                new JsonObject { ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = 3607, ["path"] = "token" } },
                new JsonObject
                {
                    ["configMap"] = new JsonObject
                    {
                        ["name"] = "kube-root-ca.crt",
                        ["items"] = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" }),
                    },
                },
                new JsonObject
                {
                    ["downwardAPI"] = new JsonObject
                    {
                        ["items"] = new JsonArray(new JsonObject
                        {
                            ["path"] = "namespace",
                            ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" },
                        }),
                    },
                }),
        },
    };
}
