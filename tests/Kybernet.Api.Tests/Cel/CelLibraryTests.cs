using Kybernet.Api.Cel;

namespace Kybernet.Api.Tests.Cel;

public sealed class CelLibraryTests
{
    [Theory]
    [InlineData("'hello'.charAt(4)", "o")]
    [InlineData("'hello mellow'.indexOf('ello', 2)", "7")]
    [InlineData("'hello mellow'.lastIndexOf('ello')", "7")]
    [InlineData("'hello mellow'.lastIndexOf('ello', 6)", "1")]
    [InlineData("['a', 'b'].join('-')", "a-b")]
    [InlineData("'TacoCÆt'.lowerAscii()", "tacocÆt")]
    [InlineData("'hello hello'.replace('he', 'we', 1)", "wello hello")]
    [InlineData("'hello'.replace('', '_')", "_h_e_l_l_o_")]
    [InlineData("'a b c'.split(' ', 2)", "[a, b c]")]
    [InlineData("'ab😀'.split('')", "[a, b, 😀]")]
    [InlineData("'tacocat'.substring(0, 4)", "taco")]
    [InlineData("'  trim\\n '.trim()", "trim")]
    [InlineData("'gums'.reverse()", "smug")]
    [InlineData("strings.quote('a\"b\\n')", "\"a\\\"b\\n\"")]
    [InlineData("'%s has %d items, %.2f, %x, %b, %o, %e, 100%%'.format(['it', 3, 1.5, 255, 5, 8, 1234.5678])", "it has 3 items, 1.50, ff, 101, 10, 1.234568e+03, 100%")]
    [InlineData("'%s %s'.format([[1, 2], {'b': 1, 'a': 2}])", "[1, 2] {a: 2, b: 1}")]
    [InlineData("'abc 123'.find('[0-9]+')", "123")]
    [InlineData("'abc 123'.find('xyz')", "")]
    [InlineData("'1 2 3'.findAll('[0-9]')", "[1, 2, 3]")]
    [InlineData("'1 2 3'.findAll('[0-9]', 2)", "[1, 2]")]
    [InlineData("'app-1'.matches('^[a-z]+-[0-9]+$')", "true")]
    [InlineData("[1, 2, 2].isSorted() && !['b', 'a'].isSorted()", "true")]
    [InlineData("[1, 3].sum() + [duration('1m')].sum().getSeconds()", "64")]
    [InlineData("[1.5, 2.5].sum()", "4")]
    [InlineData("dyn([1.5, 2.5]).sum()", "4")]
    [InlineData("['b', 'a'].min() + ['b', 'a'].max()", "ab")]
    [InlineData("[1, 2, 2].lastIndexOf(2) - [1, 2, 2].indexOf(2)", "1")]
    [InlineData("sets.contains([1, 2, 3], [3, 1]) && sets.equivalent([1, 1, 2], [2, 1]) && sets.intersects([1], [1, 2])", "true")]
    [InlineData("math.greatest(1, 3, 2) + math.least([5, 4])", "7")]
    [InlineData("quantity('1.5Gi').isGreaterThan(quantity('1G')) && quantity('50k').sub(20).compareTo(quantity('49980')) == 0", "true")]
    [InlineData("quantity('200M') == quantity('0.2G') && isQuantity('1Ki') && !isQuantity('200K')", "true")]
    [InlineData("quantity('500m').isInteger() || quantity('2k').asInteger() != 2000", "false")]
    [InlineData("quantity('-1').sign()", "-1")]
    [InlineData("url('https://user@[::1]:80/a b?k=1&k=2#f').getHost()", "[::1]:80")]
    [InlineData("url('https://[::1]:80/').getHostname() + url('https://example.com:80/').getPort()", "::180")]
    [InlineData("url('https://example.com/path with spaces/?k1=a&k2=b&k2=c').getQuery()", "{k1: [a], k2: [b, c]}")]
    [InlineData("url('https://example.com/path with spaces/').getEscapedPath()", "/path%20with%20spaces/")]
    [InlineData("isURL('/absolute') && !isURL('../relative') && !isURL('https://a:b:c/')", "true")]
    [InlineData("ip('10.0.0.1').family() + ip('::1').family()", "10")]
    [InlineData("isIP('127.0.0.1') && !isIP('127.0.0.01') && !isIP('::ffff:1.2.3.4') && !isIP('a')", "true")]
    [InlineData("ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8::ABCD')", "true")]
    [InlineData("ip('127.0.0.1').isLoopback() && ip('169.254.1.1').isLinkLocalUnicast() && ip('224.0.0.1').isLinkLocalMulticast() && ip('8.8.8.8').isGlobalUnicast() && ip('::').isUnspecified()", "true")]
    [InlineData("cidr('192.168.0.0/16').containsIP('192.168.3.4') && cidr('192.168.0.0/16').containsCIDR('192.168.10.0/24')", "true")]
    [InlineData("string(cidr('192.168.3.4/20').masked())", "192.168.0.0/20")]
    [InlineData("cidr('2001:db8::/32').prefixLength()", "32")]
    [InlineData("isCIDR('10.0.0.0/33')", "false")]
    [InlineData("semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.0.0-alpha.1').compareTo(semver('1.0.0')) == -1", "true")]
    [InlineData("semver('v1.02', true) == semver('1.2.0') && !isSemver('v1.0.0')", "true")]
    [InlineData("semver('1.2.3').minor()", "2")]
    [InlineData("format.dns1123Label().validate('my-name').hasValue()", "false")]
    [InlineData("format.named('dns1123Label').value().validate('Bad_Name').hasValue()", "true")]
    [InlineData("format.named('nothing').hasValue()", "false")]
    [InlineData("format.uuid().validate('x').value()", "[does not match the UUID format]")]
    [InlineData("{'a': 1}.?b.orValue(5) + {'a': 1}.?a.orValue(5)", "6")]
    [InlineData("{'a': {'b': 1}}.?a.?c.hasValue()", "false")]
    [InlineData("{'a': {'b': 1}}.?a.b.value()", "1")]
    [InlineData("[1, 2][?5].orValue(0)", "0")]
    [InlineData("{'a': 'x'}[?'a'].optMap(v, v + v).orValue('')", "xx")]
    [InlineData("optional.none().or(optional.of(3)).value()", "3")]
    [InlineData("optional.ofNonZeroValue('').hasValue()", "false")]
    [InlineData("[?optional.none(), ?optional.of(2)]", "[2]")]
    [InlineData("{?'a': optional.of(1), ?'b': optional.none()}", "{a: 1}")]
    [InlineData("jsonpatch.escapeKey('a/b~c')", "a~1b~0c")]
    public void A_function_answers_as_upstreams(string text, string expected) => Assert.Equal(expected, CelTesting.Show(CelTesting.Evaluate(text)));

    [Theory]
    [InlineData("'a'.charAt(2)", "index out of range: 2")]
    [InlineData("[1].filter(x, x > 1).min()", "min called on empty list")]
    [InlineData("quantity('Three')", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    [InlineData("ip('x')", "IP Address \"x\" parse error during conversion from string: ParseAddr(\"x\"): unable to parse IP")]
    [InlineData("optional.none().value()", "optional.none() dereference")]
    [InlineData("authorizer.group('').resource(' ').check('get').allowed()", "resource must not be empty")]
    public void A_function_that_has_no_answer_says_why(string text, string expected)
    {
        var program = CelEnvironment.Kubernetes.With("authorizer", CelAuthorization.AuthorizerType).Compile(text).Program!;

        var exception = Assert.Throws<CelException>(() => program.Evaluate(new CelBindings().Set("authorizer", CelAuthorization.Authorizer(new Authorizer(""))), new CelBudget()));

        Assert.Equal(expected, exception.Message);
    }

    [Theory]
    [InlineData("authorizer.group('apps').resource('deployments').subresource('scale').namespace('n').name('x').check('update').reason()", " update apps/deployments/scale n/x")]
    [InlineData("authorizer.serviceAccount('ns', 'sa').path('/healthz').check('get').reason()", "ns:sa get /healthz")]
    [InlineData("authorizer.path('/livez').check('get').allowed()", "True")]
    public void Expressions_ask_who_may_do_what(string text, string expected)
    {
        var program = CelEnvironment.Kubernetes.With("authorizer", CelAuthorization.AuthorizerType).Compile(text).Program!;

        var value = program.Evaluate(new CelBindings().Set("authorizer", CelAuthorization.Authorizer(new Authorizer(""))), new CelBudget());

        Assert.Equal(expected, value.ToString(), ignoreCase: true);
    }

    private sealed class Authorizer(string user) : ICelAuthorizer
    {
        public CelDecision Check(CelAccess access) => new(true, access.Path.Length > 0
            ? $"{user} {access.Verb} {access.Path}"
            : $"{user} {access.Verb} {access.Group}/{access.Resource}/{access.Subresource} {access.Namespace}/{access.Name}");

        public ICelAuthorizer ForServiceAccount(string @namespace, string name) => new Authorizer($"{@namespace}:{name}");
    }
}
