from __future__ import annotations

import pytest

from sandbox.crypto import CryptoError, check, decode_key, decrypt, encrypt, sign
from tests.sandbox.conftest import AES_KEY


def test_the_official_vector_of_the_url_check_matches():
    assert sign("AAAAA", "1714036504", "1514711492") == "f464b24fc39322e44b38aa78f5edd27bd1441696"


def test_the_official_vector_of_a_plain_push_matches():
    assert sign("AAAAA", "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"


def test_a_wrong_signature_is_refused():
    with pytest.raises(CryptoError) as caught:
        check("0" * 40, "AAAAA", "1", "2")
    assert caught.value.code == -40001


@pytest.mark.parametrize("size", [0, 1, 11, 12, 13, 31, 32, 33, 2048])
def test_what_was_encrypted_comes_back_whatever_its_length(size: int):
    text = "家" * size
    assert decrypt(encrypt(text, AES_KEY, "wxtest"), AES_KEY, "wxtest") == text


def test_another_app_id_is_refused():
    with pytest.raises(CryptoError) as caught:
        decrypt(encrypt("x", AES_KEY, "wxother"), AES_KEY, "wxtest")
    assert caught.value.code == -40005


@pytest.mark.parametrize("sealed", ["", "====", "YWJj", "A" * 64])
def test_a_broken_sealed_text_is_a_crypto_error(sealed: str):
    with pytest.raises(CryptoError):
        decrypt(sealed, AES_KEY, "wxtest")


def test_a_key_of_the_wrong_length_is_refused():
    with pytest.raises(CryptoError):
        decode_key("short")


def test_the_library_that_bots_use_reads_what_we_seal_and_seals_what_we_read():
    from wechatpy.crypto import PrpCrypto

    other = PrpCrypto(decode_key(AES_KEY))
    assert other.decrypt(encrypt("<xml>家</xml>", AES_KEY, "wxtest"), "wxtest") == "<xml>家</xml>"
    sealed = other.encrypt("<xml>家</xml>", "wxtest")
    assert decrypt(sealed if isinstance(sealed, str) else sealed.decode(), AES_KEY, "wxtest") == "<xml>家</xml>"
