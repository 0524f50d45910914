using Kybernet.Api.Meta.V1;
using Kybernet.Api.Networking.V1;
using Kybernet.Client;

namespace Kybernet.Network.Ingresses;

/// <summary>Tells which Ingresses are this controller's: by their class, its controller, and the class that those without one get.</summary>
internal sealed class IngressClasses(ILister<IngressClass> classes)
{
    private const string Controller = "kybernet.io/ingress-controller";
    private const string ClassName = "kybernet";
    private const string ClassAnnotation = "kubernetes.io/ingress.class";
    private const string DefaultAnnotation = "ingressclass.kubernetes.io/is-default-class";

    /// <summary>The class that a cluster has from the start.</summary>
    public static IngressClass Own { get; } = new()
    {
        Metadata = new ObjectMeta { Name = ClassName, Annotations = new Dictionary<string, string> { [DefaultAnnotation] = "true" } },
        Spec = new IngressClassSpec { Controller = Controller },
    };

    /// <summary>Whether an Ingress is to be served.</summary>
    public bool IsOurs(Ingress ingress)
    {
        if (ingress.Spec.IngressClassName is { Length: > 0 } name)
        {
            return IsOurs(name);
        }
        if (ingress.Metadata.Annotations.TryGetValue(ClassAnnotation, out var annotated))
        {
            return IsOurs(annotated);
        }
        foreach (var item in classes.List())
        {
            if (item.Spec.Controller == Controller && item.Metadata.Annotations.GetValueOrDefault(DefaultAnnotation) == "true")
            {
                return true;
            }
        }
        return false;
    }

    private bool IsOurs(string name) => classes.Get(new("", name))?.Spec.Controller == Controller;
}
