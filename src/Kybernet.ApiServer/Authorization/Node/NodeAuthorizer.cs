using Kybernet.Api.Rbac.V1;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Authorization.Rbac;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authorization.Node;

/// <summary>Lets a kubelet do what the role <c>system:node</c> says, but read only what the pods on its own node need.</summary>
/// <param name="graph">Which node needs what.</param>
/// <param name="nodeRules">The rules of the role.</param>
public sealed class NodeAuthorizer(NodeGraph graph, IReadOnlyList<PolicyRule> nodeRules) : IAuthorizer
{
    private const string LeaseNamespace = "kube-node-lease";

    /// <inheritdoc />
    public ValueTask<AuthorizationDecision> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Decide(user, request));

    private AuthorizationDecision Decide(UserInfo user, RequestInfo request)
    {
        if (!NodeIdentity.IsNode(user, out var node))
        {
            return No("");
        }
        if (node.Length == 0)
        {
            return No($"unknown node for user {GoText.Quote(user.Name)}");
        }
        return !request.IsResourceRequest ? ByRules(request) : (request.ApiGroup, request.Resource) switch
        {
            ("", "secrets" or "configmaps") => ReadNamed(node, request),
            ("", "persistentvolumeclaims") => request.Subresource == "status"
                ? Status(node, request, new Reference(PodReferences.Claims, request.Namespace, request.Name))
                : Get(node, request, graph.Needs(node, new Reference(PodReferences.Claims, request.Namespace, request.Name))),
            ("", "persistentvolumes") => Get(node, request, graph.NeedsVolume(node, request.Name)),
            ("resource.k8s.io", "resourceclaims") => Get(node, request, graph.Needs(node, ReferenceOf(request))),
            ("storage.k8s.io", "volumeattachments") => Get(node, request, graph.NeedsAttachment(node, request.Name)),
            ("", "serviceaccounts") => ServiceAccount(node, request),
            ("coordination.k8s.io", "leases") => Lease(node, request),
            ("storage.k8s.io", "csinodes") => CsiNode(node, request),
            ("", "nodes") => Node(node, request),
            ("", "pods") when request is { Verb: "get", Subresource: "" } => Get(node, request, graph.Needs(node, ReferenceOf(request))),
            _ => ByRules(request),
        };
    }

    private static Reference ReferenceOf(RequestInfo request) => new(request.Resource, request.Namespace, request.Name);

    private AuthorizationDecision ByRules(RequestInfo request)
    {
        foreach (var rule in nodeRules)
        {
            if (RuleMatcher.Allows(rule, request))
            {
                return new AuthorizationDecision(true, "");
            }
        }
        return No("");
    }

    private AuthorizationDecision ReadNamed(string node, RequestInfo request)
    {
        if (request.Verb is not ("get" or "list" or "watch"))
        {
            return No("can only read resources of this type");
        }
        if (request.Subresource.Length > 0)
        {
            return No("cannot read subresource");
        }
        return request.Namespace.Length == 0
            ? No("can only read namespaced object of this type")
            : Related(node, request, graph.Needs(node, ReferenceOf(request)));
    }

    private static AuthorizationDecision Get(string node, RequestInfo request, bool isNeeded)
    {
        if (request.Verb != "get")
        {
            return No("can only get individual resources of this type");
        }
        return request.Subresource.Length > 0 ? No("cannot get subresource") : Related(node, request, isNeeded);
    }

    private AuthorizationDecision Status(string node, RequestInfo request, Reference reference) =>
        request.Verb is not ("update" or "patch")
            ? No("can only get/update/patch this type")
            : Related(node, request, graph.Needs(node, reference));

    private static AuthorizationDecision Related(string node, RequestInfo request, bool isNeeded) => (request.Name.Length, isNeeded) switch
    {
        (0, _) => No("No Object name found"),
        (_, true) => new AuthorizationDecision(true, ""),
        _ => No($"no relationship found between node '{node}' and this object"),
    };

    private AuthorizationDecision ServiceAccount(string node, RequestInfo request)
    {
        if (request is not ({ Verb: "get", Subresource: "" } or { Verb: "create", Subresource: "token" }))
        {
            return No("can only get individual resources of this type or create tokens for them");
        }
        return Related(node, request, graph.Needs(node, ReferenceOf(request)));
    }

    private static AuthorizationDecision Lease(string node, RequestInfo request)
    {
        if (request.Verb is not ("get" or "create" or "update" or "patch" or "delete"))
        {
            return No("can only get, create, update, patch, or delete a node lease");
        }
        if (request.Namespace != LeaseNamespace)
        {
            return No($"can only access leases in the {GoText.Quote(LeaseNamespace)} system namespace");
        }
        // A creation does not say its name here; admission looks at it.
        return request.Verb != "create" && request.Name != node
            ? No("can only access node lease with the same name as the requesting node")
            : new AuthorizationDecision(true, "");
    }

    private static AuthorizationDecision CsiNode(string node, RequestInfo request)
    {
        if (request.Verb is not ("get" or "create" or "update" or "patch" or "delete"))
        {
            return No("can only get, create, update, patch, or delete a CSINode");
        }
        if (request.Subresource.Length > 0)
        {
            return No("cannot authorize CSINode subresources");
        }
        return request.Verb != "create" && request.Name != node
            ? No("can only access CSINode with the same name as the requesting node")
            : new AuthorizationDecision(true, "");
    }

    private AuthorizationDecision Node(string node, RequestInfo request)
    {
        if (request is not { Subresource: "", Verb: "get" or "list" or "watch" })
        {
            return ByRules(request);
        }
        return request.Name == node ? new AuthorizationDecision(true, "") : No(request.Name.Length == 0
            ? $"node '{node}' cannot read all nodes, only its own Node object"
            : $"node '{node}' cannot read '{request.Name}', only its own Node object");
    }

    private static AuthorizationDecision No(string reason) => new(false, reason);
}
