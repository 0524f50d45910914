using System.Runtime.CompilerServices;
using Kybernet.Api;
using Kybernet.Api.Rbac.V1;
using Kybernet.ApiServer.Authentication;

namespace Kybernet.ApiServer.Authorization.Rbac;

/// <summary>
/// The roles and bindings, ready to be asked. Changes come one object at a time from the feeds; what a user is granted is worked out when the user
/// first asks, and again only after roles or bindings have changed.
/// </summary>
/// <remarks>
/// Grants hang on the <see cref="UserInfo"/> itself, which authenticators hand out again and again for the same credentials: a request costs one
/// look-up by reference, and a user who is gone takes the grants along.
/// </remarks>
public sealed class RbacIndex : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<NamespacedName, IReadOnlyList<PolicyRule>> _roles = [];
    private readonly Dictionary<string, ClusterRoleBinding> _clusterBindings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, RoleBinding>> _bindings = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<UserInfo, UserGrants> _grants = [];
    private readonly List<IDisposable> _subscriptions = [];
    private long _version;

    /// <summary>Makes the index of what the feeds hold, which then follows them.</summary>
    public RbacIndex(IObjectFeeds feeds)
    {
        _subscriptions.Add(feeds.Of(RbacResources.ClusterRoles).Subscribe(new Observer(SetClusterRole, item => RemoveRole(item.Key))));
        _subscriptions.Add(feeds.Of(RbacResources.Roles).Subscribe(new Observer(SetRole, item => RemoveRole(item.Key))));
        _subscriptions.Add(feeds.Of(RbacResources.ClusterRoleBindings).Subscribe(new Observer(SetClusterBinding, RemoveClusterBinding)));
        _subscriptions.Add(feeds.Of(RbacResources.RoleBindings).Subscribe(new Observer(SetBinding, RemoveBinding)));
    }

    /// <summary>Counts the changes: what was worked out at one version holds until the next.</summary>
    internal long Version => Volatile.Read(ref _version);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Dispose();
        }
        _subscriptions.Clear();
    }

    /// <summary>What the user is granted, in the whole cluster and in each namespace.</summary>
    internal UserGrants GrantsOf(UserInfo user)
    {
        if (_grants.TryGetValue(user, out var grants) && grants.Version == Version)
        {
            return grants;
        }
        grants = Compile(user);
        _grants.AddOrUpdate(user, grants);
        return grants;
    }

    /// <summary>The rules of the role that a binding names; null where it does not exist.</summary>
    internal IReadOnlyList<PolicyRule>? RulesOf(RoleRef role, string bindingNamespace)
    {
        lock (_gate)
        {
            return _roles.GetValueOrDefault(KeyOf(role, bindingNamespace));
        }
    }

    private static NamespacedName KeyOf(RoleRef role, string bindingNamespace) => new(role.Kind == "Role" ? bindingNamespace : "", role.Name);

    private UserGrants Compile(UserInfo user)
    {
        lock (_gate)
        {
            var everywhere = new List<Grant>();
            foreach (var (name, binding) in _clusterBindings)
            {
                if (Grant.SubjectOf(binding.Subjects, "", user) is { } subject)
                {
                    everywhere.Add(GrantBy("ClusterRoleBinding", name, "", binding.RoleRef, subject));
                }
            }
            var byNamespace = new Dictionary<string, Grant[]>(StringComparer.Ordinal);
            foreach (var (@namespace, bindings) in _bindings)
            {
                if (CompileNamespace(user, @namespace, bindings) is { Length: > 0 } grants)
                {
                    byNamespace[@namespace] = grants;
                }
            }
            return new UserGrants(_version, everywhere.ToArray(), byNamespace);
        }
    }

    private Grant[] CompileNamespace(UserInfo user, string @namespace, Dictionary<string, RoleBinding> bindings)
    {
        var grants = new List<Grant>();
        foreach (var (name, binding) in bindings)
        {
            if (Grant.SubjectOf(binding.Subjects, @namespace, user) is { } subject)
            {
                grants.Add(GrantBy("RoleBinding", name, @namespace, binding.RoleRef, subject));
            }
        }
        return grants.ToArray();
    }

    private Grant GrantBy(string bindingKind, string name, string @namespace, RoleRef role, Subject subject)
    {
        var reason = Grant.Describe(bindingKind, name, @namespace, role, subject);
        return _roles.TryGetValue(KeyOf(role, @namespace), out var rules)
            ? new Grant(rules, "", reason)
            : new Grant([], $"{(role.Kind == "Role" ? "role" : "clusterrole")}.{RbacResources.Group} \"{role.Name}\" not found", reason);
    }

    private void SetClusterRole(EncodedObject item) => SetRules(item.Key, item.As<ClusterRole>().Rules);

    private void SetRole(EncodedObject item) => SetRules(item.Key, item.As<Role>().Rules);

    private void SetRules(NamespacedName key, IReadOnlyList<PolicyRule> rules)
    {
        lock (_gate)
        {
            _roles[key] = rules;
            _version++;
        }
    }

    private void RemoveRole(NamespacedName key)
    {
        lock (_gate)
        {
            _roles.Remove(key);
            _version++;
        }
    }

    private void SetClusterBinding(EncodedObject item)
    {
        var binding = item.As<ClusterRoleBinding>();
        lock (_gate)
        {
            _clusterBindings[item.Key.Name] = binding;
            _version++;
        }
    }

    private void RemoveClusterBinding(EncodedObject item)
    {
        lock (_gate)
        {
            _clusterBindings.Remove(item.Key.Name);
            _version++;
        }
    }

    private void SetBinding(EncodedObject item)
    {
        var binding = item.As<RoleBinding>();
        lock (_gate)
        {
            if (!_bindings.TryGetValue(item.Key.Namespace, out var bindings))
            {
                _bindings[item.Key.Namespace] = bindings = new Dictionary<string, RoleBinding>(StringComparer.Ordinal);
            }
            bindings[item.Key.Name] = binding;
            _version++;
        }
    }

    private void RemoveBinding(EncodedObject item)
    {
        lock (_gate)
        {
            if (_bindings.TryGetValue(item.Key.Namespace, out var bindings) && bindings.Remove(item.Key.Name) && bindings.Count == 0)
            {
                _bindings.Remove(item.Key.Namespace);
            }
            _version++;
        }
    }

    private sealed class Observer(Action<EncodedObject> changed, Action<EncodedObject> deleted) : IObjectObserver
    {
        public void OnChanged(EncodedObject item) => changed(item);

        public void OnDeleted(EncodedObject item) => deleted(item);
    }
}
